package dev.stockpot.evaluate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The result of an evaluation: finite numbers by name, at least one, of which the first is the main one. Immutable. */
public final class Scores {
    /** The name of a score that an evaluator gives without one. */
    public static final String UNNAMED = "score";

    private final Map<String, Double> metrics;

    private Scores(LinkedHashMap<String, Double> metrics) {
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("scores should hold at least one metric");
        }
        metrics.forEach((name, value) -> {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("metric " + name + " should be finite but is " + value);
            }
        });
        this.metrics = Collections.unmodifiableMap(metrics);
    }

    /**
     * One metric, the main one; {@link #and} adds others.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public static Scores of(String metric, double value) {
        LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put(metric, value);
        return new Scores(metrics);
    }

    /**
     * A copy of {@code metrics}, the main one first. The order of other kinds of maps may change from run to run, and with it
     * the metric that decides.
     *
     * @throws IllegalArgumentException if there is none, or one is not finite
     */
    public static Scores inOrder(LinkedHashMap<String, Double> metrics) {
        return new Scores(new LinkedHashMap<>(metrics));
    }

    /**
     * These scores and one more metric.
     *
     * @throws IllegalArgumentException if it is not finite
     */
    public Scores and(String metric, double value) {
        LinkedHashMap<String, Double> more = new LinkedHashMap<>(metrics);
        more.put(metric, value);
        return new Scores(more);
    }

    /** All metrics, the main one first. Unmodifiable. */
    public Map<String, Double> metrics() {
        return metrics;
    }

    /** The name of the main metric. */
    public String main() {
        return metrics.keySet().iterator().next();
    }

    /** A metric's value, if present. */
    public Optional<Double> get(String metric) {
        return Optional.ofNullable(metrics.get(metric));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Scores scores && metrics.equals(scores.metrics) && main().equals(scores.main());
    }

    @Override
    public int hashCode() {
        return metrics.hashCode();
    }

    @Override
    public String toString() {
        return metrics.toString();
    }
}
