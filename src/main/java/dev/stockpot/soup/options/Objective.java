package dev.stockpot.soup.options;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.Scores;

/**
 * What a search decides by.
 *
 * @param metric its name, or null for the evaluator's main one
 * @param minimize whether less is better, as of a loss
 */
public record Objective(String metric, boolean minimize) {
    /** The evaluator's main metric, more is better. */
    public static final Objective MAIN = new Objective(null, false);

    /** Whether {@code score} is better than {@code other} by more than {@code margin}. */
    public boolean better(double score, double other, double margin) {
        return minimize ? score < other - margin : score > other + margin;
    }

    /** The deciding number among {@code scores}. */
    public double of(Scores scores, String candidate) {
        String name = name(scores);
        return scores.get(name)
                .orElseThrow(() -> new EvaluationException(
                        candidate + ": the evaluator gave no metric " + name + " but "
                                + String.join(", ", scores.metrics().keySet()),
                        "--metric NAME names the one that decides",
                        null));
    }

    /** Its name among {@code scores}. */
    public String name(Scores scores) {
        return metric == null ? scores.main() : metric;
    }

    /** As the command line names it. */
    public String direction() {
        return minimize ? "minimize" : "maximize";
    }
}
