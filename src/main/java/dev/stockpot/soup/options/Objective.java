package dev.stockpot.soup.options;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.MetricDirection;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.text.NameList;
import dev.stockpot.text.Nearest;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The metric that a search decides by, and whether a higher or a lower value of it is better.
 *
 * @param metric its name; empty for the evaluator's main one
 * @param direction what is better; empty to tell it from the metric's name, which is an error where the name does not say
 */
public record Objective(Optional<String> metric, Optional<MetricDirection> direction) {
    /** How many metrics a message lists. */
    private static final int MOST_NAMED = 20;

    public Objective {
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(direction, "direction");
    }

    /** The evaluator's main metric, in the direction that its name stands for. */
    public static final Objective MAIN = new Objective(Optional.empty(), Optional.empty());

    /** Higher values of {@code metric} are better. */
    public static Objective maximize(String metric) {
        return new Objective(Optional.of(metric), Optional.of(MetricDirection.MAXIMIZE));
    }

    /** Lower values of {@code metric} are better. */
    public static Objective minimize(String metric) {
        return new Objective(Optional.of(metric), Optional.of(MetricDirection.MINIMIZE));
    }

    /** A metric in the direction that its name stands for; see {@link MetricDirection#of}. */
    public static Objective named(String metric) {
        return new Objective(Optional.of(metric), Optional.empty());
    }

    /** What is better, as given or as the metric's name says; empty if neither is known yet. */
    public Optional<MetricDirection> knownDirection() {
        return direction.or(() -> metric.flatMap(MetricDirection::of));
    }

    /**
     * Whether lower is better.
     *
     * @throws IllegalStateException if that is not known before there are scores; see {@link #settled}
     */
    public boolean minimize() {
        return knownDirection().orElseThrow(() -> new IllegalStateException("the direction is not known yet"))
                == MetricDirection.MINIMIZE;
    }

    /** Whether {@code score} is better than {@code other} by more than {@code margin}. */
    public boolean better(double score, double other, double margin) {
        return minimize() ? score < other - margin : score > other + margin;
    }

    /** Whether {@code score} is better than {@code other} by {@code margin} or more; as good as it, if the margin is 0. */
    public boolean atLeast(double score, double other, double margin) {
        return minimize() ? score <= other - margin : score >= other + margin;
    }

    /**
     * Checks, before anything is scored, what an evaluator announces.
     *
     * @param announced the names of its metrics, the main one first; empty if it does not say
     * @throws EvaluationException if the metric is not among them, or the direction is not known
     */
    public void check(List<String> announced) {
        if (metric.isPresent() && !announced.isEmpty() && !announced.contains(metric.get())) {
            throw noMetric("the evaluator returns no metric ", metric.get(), announced);
        }
        metric.or(() -> announced.stream().findFirst()).ifPresent(this::direction);
    }

    /**
     * This objective for an evaluator that returns {@code scores}: its metric and its direction are known.
     *
     * @throws EvaluationException if there is no such metric, or its direction is not known; the message names the candidate
     */
    public Objective settled(Scores scores, String candidate) {
        of(scores, candidate);
        return new Objective(Optional.of(name(scores)), Optional.of(direction(metric.orElseGet(scores::main))));
    }

    /** Whether {@code scores} have the metric. */
    public boolean isIn(Scores scores) {
        return scores.get(name(scores)).isPresent();
    }

    /**
     * The value of the metric in {@code scores}.
     *
     * @throws EvaluationException if there is no such metric, or its direction is not known; the message names the candidate
     */
    public double of(Scores scores, String candidate) {
        String name = name(scores);
        double value = scores.get(name)
                .orElseThrow(() -> noMetric(
                        candidate + ": the evaluator returned no metric ",
                        name,
                        scores.metrics().keySet()));
        direction(metric.orElse(name));
        return value;
    }

    /**
     * The name of the metric in {@code scores}. A single number without a name is the metric that is asked for, unless that
     * would be minimized by its name alone: a bare number is mostly an accuracy.
     */
    public String name(Scores scores) {
        boolean fits = direction.isPresent() || knownDirection().equals(Optional.of(MetricDirection.MAXIMIZE));
        return fits && scores.metrics().keySet().equals(Set.of(Scores.UNNAMED))
                ? Scores.UNNAMED
                : metric.orElseGet(scores::main);
    }

    private MetricDirection direction(String name) {
        return direction
                .or(() -> MetricDirection.of(name))
                .orElseThrow(() -> new EvaluationException(
                        Reason.NO_DIRECTION,
                        "the metric " + name + " decides, but its name does not say whether higher or lower is better",
                        Details.of().hint("say whether the metric is maximized or minimized")));
    }

    private static EvaluationException noMetric(String message, String name, Collection<String> others) {
        Optional<String> nearest = Nearest.to(name, others);
        return new EvaluationException(
                Reason.NO_METRIC,
                message + name + " but " + NameList.of(others, MOST_NAMED),
                Details.of()
                        .choices(nearest.map(List::of).orElse(List.of()))
                        .hint(nearest.map(other -> "did you mean " + other + "?")
                                .orElse("name the metric that decides")));
    }
}
