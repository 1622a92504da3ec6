package dev.stockpot.cli.output;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.text.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;

/** A greedy soup on stdout: a table of its trials, or JSON. */
public record GreedyOutput(GreedyResult result, Path out) {
    public void print(PrintWriter to) {
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
        new Table("", result.metric())
                .row("best individual: " + best.ingredient().path(), Table.number(best.score()))
                .row("uniform soup of all " + result.individual().size(), Table.number(result.uniformScore()))
                .row("greedy soup of " + result.chosen().size(), Table.number(result.score()))
                .print(to);
        to.println();
        to.println(Printable.of(out + ": greedy soup of " + result.chosen().size() + " of "
                + result.individual().size() + " ingredients"));
        if (result.chosen().size() == 1 && result.individual().size() > 1) {
            to.println("No soup was " + (result.tiesAccepted() ? "as good as" : "better than")
                    + " the first ingredient alone, which is all that it holds. Are the others"
                    + " fine-tunes of the same pre-trained model, and how far are they from it?");
            to.println(Printable.of("See: stockpot diagnose --evaluator ... "
                    + result.chosen().get(0).path() + " " + other().path() + " ..."));
        }
        to.flush();
    }

    private double own(Checkpoint ingredient) {
        return result.individual().stream()
                .filter(i -> i.ingredient() == ingredient)
                .mapToDouble(GreedyResult.Individual::score)
                .findFirst()
                .orElseThrow();
    }

    private Checkpoint other() {
        return result.individual().stream()
                .map(GreedyResult.Individual::ingredient)
                .filter(i -> i != result.chosen().get(0))
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
        for (Checkpoint chosen : result.chosen()) {
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
        json.writeNumberField("score", result.score());
        json.writeEndObject();
        MatchJson.write(json, result.soup().matching());
        json.writeStringField("output", out.toString());
        json.writeEndObject();
    }

    private static void scored(JsonGenerator json, Checkpoint ingredient, double score) throws IOException {
        json.writeStringField("ingredient", ingredient.path().toString());
        json.writeNumberField("score", score);
    }
}
