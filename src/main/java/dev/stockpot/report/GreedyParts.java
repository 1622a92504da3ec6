package dev.stockpot.report;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.text.Figures;
import java.util.ArrayList;
import java.util.List;

/** What a report says about a greedy soup. */
public final class GreedyParts {
    private GreedyParts() {}

    /** The result in sentences. */
    public static Part summary(GreedyResult result) {
        double best = result.bestIndividual().score();
        double gain = (result.minimize() ? -1 : 1) * (result.score() - best);
        List<String> sentences = new ArrayList<>();
        sentences.add("The greedy soup of " + result.chosen().size() + " of "
                + result.individual().size() + " ingredients scores " + Figures.number(result.score()) + " ("
                + result.metric() + ", " + (result.minimize() ? "lower" : "higher")
                + " is better) on the held-out set.");
        sentences.add("The best ingredient alone scores " + Figures.number(best) + ", "
                + (gain > 0
                        ? Figures.number(gain) + " worse"
                        : gain < 0 ? Figures.number(-gain) + " better" : "the same")
                + "; the uniform soup of all scores "
                + Figures.number(result.uniformScore()) + ".");
        if (result.chosen().size() == 1 && result.individual().size() > 1) {
            sentences.add("No soup was " + (result.tiesAccepted() ? "as good as" : "better than")
                    + " the first ingredient alone, which is all that the output holds:"
                    + " stockpot diagnose shows why.");
        }
        sentences.add("The soup was chosen on this held-out set, so its score there is a little too good:"
                + " measure it on data that was not used to choose.");
        return new Part.Prose("Result", sentences);
    }

    /** The search, trial by trial. */
    public static List<Part> path(GreedyResult result) {
        List<Checkpoint> models = result.individual().stream()
                .map(GreedyResult.Individual::ingredient)
                .toList();
        List<String> names = Names.of(models);
        List<Part.Point> soup = new ArrayList<>();
        List<Part.Point> kept = new ArrayList<>();
        List<Part.Point> left = new ArrayList<>();
        List<Part.Point> own = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        double current = Double.NaN;
        for (int t = 0; t < result.trials().size(); t++) {
            Trial trial = result.trials().get(t);
            int model = models.indexOf(trial.ingredient());
            String name = names.get(model);
            double individual = result.individual().get(model).score();
            current = trial.accepted() ? trial.score() : current;
            (trial.accepted() ? kept : left).add(new Part.Point(t + 1, trial.score(), name));
            soup.add(new Part.Point(t + 1, current, ""));
            own.add(new Part.Point(t + 1, individual, name));
            rows.add(List.of(
                    Integer.toString(t + 1),
                    name,
                    Figures.number(individual),
                    Figures.number(trial.score()),
                    trial.accepted() ? "kept" : "left out",
                    Figures.number(current)));
        }
        return List.of(
                new Part.Plot(
                        "greedy-path",
                        "The greedy path",
                        "Each trial adds one ingredient to the soup so far; it is kept if the soup with it is "
                                + (result.tiesAccepted() ? "no worse." : "better."),
                        "trial",
                        result.metric() + " on the held-out set",
                        List.of(
                                new Part.Series("the soup so far", Part.Mark.STEPS, soup),
                                new Part.Series("tried and left out", Part.Mark.POINTS, left),
                                new Part.Series("tried and kept", Part.Mark.POINTS, kept),
                                new Part.Series("the ingredient alone", Part.Mark.POINTS, own))),
                new Part.Numbers(
                        "Trials", List.of("trial", "ingredient", "alone", "soup with it", "", "soup so far"), rows));
    }
}
