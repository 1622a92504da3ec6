package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A learned soup on stdout: a table of each ingredient's coefficients and the losses, or JSON. */
public record LearnedOutput(LearnedResult result, Path out) {
    public void print(PrintWriter to) {
        printCoefficients(to);
        to.println();
        printLosses(to);
        to.println();
        int groups = result.groups().size();
        to.println(Printable.of(out + ": " + (Files.isDirectory(out) ? "model directory, " : "") + "learned soup of "
                + Figures.count(result.ingredients().size(), "ingredient") + ", "
                + (groups > 1 ? groups + " groups of tensors" : "one coefficient each")));
        to.flush();
    }

    private void printCoefficients(PrintWriter to) {
        List<List<Double>> alpha = result.alpha();
        List<String> heads = new ArrayList<>(List.of("ingredient", "mean alpha"));
        boolean several = alpha.size() > 1;
        if (several) {
            heads.addAll(List.of("least", "most", "most in"));
        }
        Table table = new Table(heads.toArray(String[]::new));
        for (int k = 0; k < result.ingredients().size(); k++) {
            int least = 0;
            int most = 0;
            double sum = 0;
            for (int g = 0; g < alpha.size(); g++) {
                least = alpha.get(g).get(k) < alpha.get(least).get(k) ? g : least;
                most = alpha.get(g).get(k) > alpha.get(most).get(k) ? g : most;
                sum += alpha.get(g).get(k);
            }
            List<String> row = new ArrayList<>(
                    List.of(result.ingredients().get(k).path().toString(), Table.number(sum / alpha.size())));
            if (several) {
                row.addAll(List.of(
                        Table.number(alpha.get(least).get(k)),
                        Table.number(alpha.get(most).get(k)),
                        result.groups().get(most)));
            }
            table.row(row.toArray(String[]::new));
        }
        table.print(to);
    }

    private void printLosses(PrintWriter to) {
        for (Epoch epoch : result.epochs()) {
            to.println(Printable.of("epoch " + epoch.number() + ": loss " + Table.number(epoch.loss()) + ", soup "
                    + SearchConsole.text(epoch.scores())));
        }
        to.println(Printable.of("start: " + SearchConsole.text(result.startScores())));
        to.println(
                Printable.of("soup: " + SearchConsole.text(result.scores()) + ", beta " + Table.number(result.beta())));
    }

    public void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("granularity", result.granularity().toString());
        json.writeArrayFieldStart("ingredients");
        for (Checkpoint ingredient : result.ingredients()) {
            json.writeString(ingredient.path().toString());
        }
        json.writeEndArray();
        json.writeFieldName("tensors");
        if (result.granularity().equals(Granularity.MODEL)) {
            json.writeNull();
        } else {
            json.writeStartArray();
            for (String group : result.groups()) {
                json.writeString(group);
            }
            json.writeEndArray();
        }
        json.writeArrayFieldStart("alpha");
        for (List<Double> row : result.alpha()) {
            Json.numbers(json, row);
        }
        json.writeEndArray();
        json.writeNumberField("beta", result.beta());
        json.writeArrayFieldStart("losses");
        for (Epoch epoch : result.epochs()) {
            json.writeNumber(epoch.loss());
        }
        json.writeEndArray();
        json.writeArrayFieldStart("step_losses");
        for (Epoch epoch : result.epochs()) {
            for (double loss : epoch.stepLosses()) {
                json.writeNumber(loss);
            }
        }
        json.writeEndArray();
        json.writeArrayFieldStart("epochs");
        for (Epoch epoch : result.epochs()) {
            Json.metrics(json, epoch.scores());
        }
        json.writeEndArray();
        json.writeObjectFieldStart("soup");
        json.writeNumberField("score", result.scores().get(result.metric()).orElseThrow());
        json.writeFieldName("metrics");
        Json.metrics(json, result.scores());
        json.writeEndObject();
        MatchJson.write(json, result.soup().matching());
        json.writeStringField("output", out.toString());
        json.writeEndObject();
    }
}
