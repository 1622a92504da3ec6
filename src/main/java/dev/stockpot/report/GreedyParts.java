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

    /**
     * The result in sentences.
     *
     * @param uniform whether the uniform soup was written instead
     */
    public static Part summary(GreedyResult result, boolean uniform) {
        double best = result.bestIndividual().score();
        List<String> sentences = new ArrayList<>();
        sentences.add("The greedy soup of " + result.chosen().size() + " of "
                + result.individual().size() + " ingredients scores " + Figures.number(result.score()) + " ("
                + result.metric() + ", " + (result.minimize() ? "lower" : "higher")
                + " is better) on the held-out set.");
        sentences.add("The best ingredient alone scores " + Figures.number(best) + ", "
                + compared(best, result.score(), result) + "; the uniform soup of all scores "
                + Figures.number(result.uniformScore()) + ".");
        alone(result).forEach(sentences::add);
        if (uniform) {
            sentences.add("The output is the uniform soup, which scores better than the greedy one.");
        }
        sentences.add("The soup was chosen on this held-out set, so its score there is a little too good:"
                + " measure it on data that was not used to choose.");
        return new Part.Prose("Result", sentences);
    }

    /** Why a soup holds one ingredient, in sentences; none if it holds more, or there was but one. */
    public static List<String> alone(GreedyResult result) {
        if (result.chosen().size() > 1 || result.individual().size() == 1) {
            return List.of();
        }
        String copied = "The greedy soup is a copy of " + result.chosen().get(0).path() + ": ";
        return List.of(result.bestAddition()
                .map(best -> copied + "no addition was kept. The best, "
                        + best.ingredient().path() + ", made it " + Figures.number(best.score()) + ", "
                        + compared(best.score(), result.score(), result) + ".")
                .orElse(copied + "nothing else was tried."));
    }

    /** How a score compares with another. */
    public static String compared(double score, double other, GreedyResult result) {
        double gain = (result.minimize() ? -1 : 1) * (score - other);
        return gain == 0 ? "the same" : Figures.number(Math.abs(gain)) + (gain > 0 ? " better" : " worse");
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
