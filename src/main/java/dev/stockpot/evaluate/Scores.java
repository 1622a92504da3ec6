package dev.stockpot.evaluate;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The result of an evaluation.
 *
 * @param metrics finite numbers by name, the main one first; at least one
 */
public record Scores(Map<String, Double> metrics) {
    public Scores {
        if (metrics.isEmpty()) {
            throw new IllegalArgumentException("scores should hold at least one metric");
        }
        metrics.forEach((name, value) -> {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("metric " + name + " should be finite but is " + value);
            }
        });
        metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
    }

    /** One metric, the main one; {@link #and} adds others. */
    public static Scores of(String metric, double value) {
        return new Scores(Map.of(metric, value));
    }

    /** These scores and one more metric. */
    public Scores and(String metric, double value) {
        Map<String, Double> more = new LinkedHashMap<>(metrics);
        more.put(metric, value);
        return new Scores(more);
    }

    /** The name of the main metric. */
    public String main() {
        return metrics.keySet().iterator().next();
    }

    /** A metric's value, if present. */
    public Optional<Double> get(String metric) {
        return Optional.ofNullable(metrics.get(metric));
    }
}
