package dev.stockpot.report;

import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.LearnedResult;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.List;

/** What a report says about a learned soup. */
public final class LearnedParts {
    private LearnedParts() {}

    /** The result in sentences. */
    public static Part summary(LearnedResult result) {
        double start = result.startScores().get(result.metric()).orElse(Double.NaN);
        double score = result.scores().get(result.metric()).orElse(Double.NaN);
        List<String> sentences = new ArrayList<>();
        sentences.add("The learned soup of "
                + Figures.count(result.ingredients().size(), "ingredient") + " scores " + Figures.number(score)
                + " (" + result.metric() + ") on the held-out set; the soup that it started from scores "
                + Figures.number(start) + ".");
        sentences.add("It has "
                + (result.alpha().size() == 1
                        ? "one coefficient"
                        : result.alpha().size() + " coefficients")
                + " for each ingredient, by " + result.granularity() + "; the temperature beta is "
                + Figures.number(result.beta()) + " and is not part of the soup.");
        if (result.isWorse()) {
            sentences.add("It is worse than the soup that it started from.");
        }
        sentences.add("The coefficients were learned on this held-out set, so the score there is a little too good:"
                + " measure the soup on data that was not used to learn them.");
        return new Part.Prose("Result", sentences);
    }

    /** The coefficients as a heat map, and the curves. */
    public static List<Part> details(LearnedResult result) {
        return details(result, "", "");
    }

    /** The same for one of several learned soups; headings and files are named after its granularity. */
    public static List<Part> detailsByGranularity(LearnedResult result) {
        return details(result, "-" + result.granularity(), " of the soup learned by " + result.granularity());
    }

    private static List<Part> details(LearnedResult result, String id, String heading) {
        List<Part> parts = new ArrayList<>();
        List<String> groups = result.alpha().size() == 1 ? List.of("all tensors") : result.groups();
        parts.add(new Part.HeatMap(
                "alpha" + id,
                "Mixing coefficients" + heading,
                "How much of each ingredient is in the soup, by " + result.granularity() + ".",
                groups,
                Names.of(result.ingredients()),
                result.alpha().stream()
                        .map(row ->
                                row.stream().mapToDouble(Double::doubleValue).toArray())
                        .toArray(double[][]::new)));
        if (!result.epochs().isEmpty()) {
            parts.add(losses(result, id, heading));
            parts.add(scores(result, id, heading));
            parts.add(table(result, heading));
        }
        return parts;
    }

    private static Part losses(LearnedResult result, String id, String heading) {
        List<Part.Point> steps = new ArrayList<>();
        List<Part.Point> epochs = new ArrayList<>();
        for (Epoch epoch : result.epochs()) {
            for (double loss : epoch.stepLosses()) {
                steps.add(new Part.Point(steps.size() + 1, loss, "epoch " + epoch.number()));
            }
            epochs.add(new Part.Point(steps.size(), epoch.loss(), "epoch " + epoch.number()));
        }
        return new Part.Plot(
                "loss" + id,
                "Loss" + heading,
                "The loss of each batch before its step, and its mean over each epoch.",
                "step",
                "loss",
                List.of(
                        new Part.Series("by batch", Part.Mark.LINE, steps),
                        new Part.Series("mean of the epoch", Part.Mark.LINE, epochs)));
    }

    private static Part scores(LearnedResult result, String id, String heading) {
        List<Part.Point> points = new ArrayList<>();
        points.add(new Part.Point(0, result.startScores().get(result.metric()).orElse(Double.NaN), "start"));
        for (Epoch epoch : result.epochs()) {
            points.add(new Part.Point(
                    epoch.number(), epoch.scores().get(result.metric()).orElse(Double.NaN), ""));
        }
        return new Part.Plot(
                "epochs" + id,
                "Score by epoch" + heading,
                "The score of the soup after each epoch; 0 is the start.",
                "epoch",
                result.metric(),
                List.of(new Part.Series("the soup", Part.Mark.LINE, points)));
    }

    private static Part table(LearnedResult result, String heading) {
        List<String> metrics = List.copyOf(result.startScores().metrics().keySet());
        List<String> columns = new ArrayList<>(List.of("epoch", "mean loss"));
        metrics.forEach(metric -> columns.add("soup: " + metric));
        List<List<String>> rows = new ArrayList<>();
        rows.add(row("start", "", result.startScores(), metrics));
        for (Epoch epoch : result.epochs()) {
            rows.add(row(Integer.toString(epoch.number()), Figures.number(epoch.loss()), epoch.scores(), metrics));
        }
        return new Part.Numbers("Epochs" + heading, columns, rows);
    }

    private static List<String> row(String epoch, String loss, Scores scores, List<String> metrics) {
        List<String> row = new ArrayList<>(List.of(epoch, loss));
        metrics.forEach(
                metric -> row.add(scores.get(metric).map(Figures::number).orElse("")));
        return row;
    }
}
