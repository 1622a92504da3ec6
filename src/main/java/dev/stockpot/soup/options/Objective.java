package dev.stockpot.soup.options;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.text.NameList;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The metric that a search decides by.
 *
 * @param metric its name; empty for the evaluator's main one
 * @param minimize whether lower is better, as for a loss
 */
public record Objective(Optional<String> metric, boolean minimize) {
    /** Metrics of which lower is better. */
    private static final Set<String> COSTS =
            Set.of("loss", "perplexity", "ppl", "error", "wer", "cer", "mse", "mae", "rmse");

    /** How many metrics a message lists. */
    private static final int MOST_NAMED = 20;

    public Objective {
        Objects.requireNonNull(metric, "metric");
    }

    /** The evaluator's main metric, higher is better. */
    public static final Objective MAIN = new Objective(Optional.empty(), false);

    /** Higher values of {@code metric} are better. */
    public static Objective maximize(String metric) {
        return new Objective(Optional.of(metric), false);
    }

    /** Lower values of {@code metric} are better. */
    public static Objective minimize(String metric) {
        return new Objective(Optional.of(metric), true);
    }

    /** A metric in the direction that its name stands for: lower is better for a loss and the like, higher for all others. */
    public static Objective usual(String metric) {
        return new Objective(Optional.of(metric), COSTS.contains(metric.toLowerCase(Locale.ROOT)));
    }

    /** Whether {@code score} is better than {@code other} by more than {@code margin}. */
    public boolean better(double score, double other, double margin) {
        return minimize ? score < other - margin : score > other + margin;
    }

    /** Whether {@code score} is better than {@code other} by {@code margin} or more; as good as it, if the margin is 0. */
    public boolean atLeast(double score, double other, double margin) {
        return minimize ? score <= other - margin : score >= other + margin;
    }

    /**
     * The value of the metric in {@code scores}.
     *
     * @throws EvaluationException if there is no such metric; the message names the candidate
     */
    public double of(Scores scores, String candidate) {
        String name = name(scores);
        return scores.get(name)
                .orElseThrow(() -> new EvaluationException(
                        Reason.NO_METRIC,
                        candidate + ": the evaluator returned no metric " + name + " but "
                                + NameList.of(scores.metrics().keySet(), MOST_NAMED),
                        Details.of().hint("name the metric that decides")));
    }

    /** The name of the metric in {@code scores}. */
    public String name(Scores scores) {
        return metric.orElseGet(scores::main);
    }

    /** {@code minimize} or {@code maximize}. */
    public String direction() {
        return minimize ? "minimize" : "maximize";
    }
}
