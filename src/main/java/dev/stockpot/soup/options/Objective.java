package dev.stockpot.soup.options;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Scores;
import java.util.Optional;

/**
 * What a search decides by.
 *
 * @param metric its name; empty for the evaluator's main one
 * @param minimize whether less is better, as of a loss
 */
public record Objective(Optional<String> metric, boolean minimize) {
    /** The evaluator's main metric, more is better. */
    public static final Objective MAIN = new Objective(Optional.empty(), false);

    /** More of {@code metric} is better. */
    public static Objective maximize(String metric) {
        return new Objective(Optional.of(metric), false);
    }

    /** Less of {@code metric} is better. */
    public static Objective minimize(String metric) {
        return new Objective(Optional.of(metric), true);
    }

    /** Whether {@code score} is better than {@code other} by more than {@code margin}. */
    public boolean better(double score, double other, double margin) {
        return minimize ? score < other - margin : score > other + margin;
    }

    /**
     * The deciding number among {@code scores}.
     *
     * @throws EvaluationException where there is no such metric; the message names the candidate
     */
    public double of(Scores scores, String candidate) {
        String name = name(scores);
        return scores.get(name)
                .orElseThrow(() -> new EvaluationException(
                        Reason.NO_METRIC,
                        candidate + ": the evaluator gave no metric " + name + " but "
                                + String.join(", ", scores.metrics().keySet()),
                        Details.of().hint("name the metric that decides")));
    }

    /** Its name among {@code scores}. */
    public String name(Scores scores) {
        return metric.orElseGet(scores::main);
    }

    /** {@code minimize} or {@code maximize}. */
    public String direction() {
        return minimize ? "minimize" : "maximize";
    }
}
