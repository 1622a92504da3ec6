package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.report.GreedyParts;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.options.RankReport;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A greedy soup on stdout: a table of its trials, or JSON.
 *
 * @param uniform whether the uniform soup was written instead
 */
public record GreedyOutput(GreedyResult result, Path out, boolean uniform) {
    /**
     * Prints the table and what it comes to.
     *
     * @param toUniform the command that makes the uniform soup
     * @param toDiagnosis the command that says whether the ingredients make a soup
     */
    public void print(PrintWriter to, Supplier<String> toUniform, Supplier<String> toDiagnosis) {
        Table trials = new Table("trial", result.metric(), "", "individual");
        for (Trial trial : result.trials()) {
            trials.row(
                    (trials.size() == 0 ? "  " : "+ ") + trial.ingredient().path(),
                    Table.number(trial.score()),
                    trial.accepted() ? "kept" : "left out",
                    Table.number(own(trial.ingredient())));
        }
        trials.print(to);
        to.println();
        GreedyResult.Individual best = result.bestIndividual();
        int all = result.individual().size();
        int chosen = result.chosen().size();
        new Table("", result.metric())
                .row("best individual: " + best.ingredient().path(), Table.number(best.score()))
                .row("uniform soup of all " + all, Table.number(result.uniformScore()))
                .row("greedy soup of " + chosen, Table.number(result.score()))
                .print(to);
        to.println();
        to.println(Printable.of(out + ": " + (Files.isDirectory(out) ? "model directory, " : "")
                + (uniform
                        ? "uniform soup of all " + all + " ingredients"
                        : "greedy soup of " + chosen + " of " + all + " ingredients")));
        RankReport ranks = taken().ranks();
        if (!ranks.modules().isEmpty()) {
            to.println(RankText.of(ranks));
        }
        GreedyParts.alone(result).forEach(sentence -> to.println(Printable.of(sentence)));
        if (result.isUniformBetter()) {
            to.println("The uniform soup of all " + all + " scored " + Table.number(result.uniformScore()) + ", "
                    + GreedyParts.compared(result.uniformScore(), result.score(), result) + " than the greedy one"
                    + (uniform ? ", and was written." : ". To make it:"));
            print(to, uniform ? () -> "" : toUniform);
        } else if (chosen == 1 && all > 1) {
            to.println("Do these ingredients make a soup? To find out:");
            print(to, toDiagnosis);
        }
        to.flush();
    }

    private static void print(PrintWriter to, Supplier<String> command) {
        String line = command.get();
        if (!line.isEmpty()) {
            to.println("  " + Printable.of(line));
        }
    }

    private Soup taken() {
        return uniform ? result.uniformSoup() : result.soup();
    }

    private double own(Checkpoint ingredient) {
        return result.individual().stream()
                .filter(i -> i.ingredient() == ingredient)
                .mapToDouble(GreedyResult.Individual::score)
                .findFirst()
                .orElseThrow();
    }

    public void write(JsonGenerator json) throws IOException {
        json.writeStartObject();
        json.writeStringField("metric", result.metric());
        json.writeStringField("direction", result.minimize() ? "minimize" : "maximize");
        json.writeBooleanField("accept_ties", result.tiesAccepted());
        json.writeArrayFieldStart("individual");
        for (GreedyResult.Individual individual : result.individual()) {
            json.writeStartObject();
            scored(json, individual.ingredient(), individual.score());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("trials");
        for (Trial trial : result.trials()) {
            json.writeStartObject();
            scored(json, trial.ingredient(), trial.score());
            json.writeBooleanField("accepted", trial.accepted());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("chosen");
        for (Checkpoint chosen : taken().ingredients()) {
            json.writeString(chosen.path().toString());
        }
        json.writeEndArray();
        json.writeObjectFieldStart("best_individual");
        scored(
                json,
                result.bestIndividual().ingredient(),
                result.bestIndividual().score());
        json.writeEndObject();
        json.writeObjectFieldStart("uniform");
        json.writeNumberField("score", result.uniformScore());
        json.writeEndObject();
        json.writeObjectFieldStart("soup");
        json.writeNumberField("score", uniform ? result.uniformScore() : result.score());
        json.writeEndObject();
        json.writeObjectFieldStart("greedy");
        json.writeNumberField("score", result.score());
        json.writeEndObject();
        MatchJson.write(json, taken().matching());
        RankReport ranks = taken().ranks();
        if (!ranks.modules().isEmpty()) {
            RankText.write(json, ranks);
        }
        json.writeFieldName("best_addition");
        if (result.bestAddition().isPresent()) {
            json.writeStartObject();
            scored(
                    json,
                    result.bestAddition().get().ingredient(),
                    result.bestAddition().get().score());
            json.writeEndObject();
        } else {
            json.writeNull();
        }
        json.writeStringField("fallback", uniform ? "uniform" : null);
        json.writeStringField("output", out.toString());
        json.writeEndObject();
    }

    private static void scored(JsonGenerator json, Checkpoint ingredient, double score) throws IOException {
        json.writeStringField("ingredient", ingredient.path().toString());
        json.writeNumberField("score", score);
    }
}
