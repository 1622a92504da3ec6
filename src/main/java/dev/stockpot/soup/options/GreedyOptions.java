package dev.stockpot.soup.options;

import java.util.Map;
import java.util.Objects;

/** How a greedy soup is searched. Immutable. */
public final class GreedyOptions {
    private static final GreedyOptions DEFAULTS = builder().build();

    private final Builder settings;

    private GreedyOptions(Builder settings) {
        this.settings = settings;
    }

    /** The evaluator's main metric, more is better, best ingredient first, one pass, no limit. */
    public static GreedyOptions defaults() {
        return DEFAULTS;
    }

    /** Begins with the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** Which metric decides, and in which direction. */
    public Objective objective() {
        return settings.objective;
    }

    /** In which order ingredients are offered. */
    public Order order() {
        return settings.order;
    }

    /** By how much a soup should be better than the one before to be kept; strictly more is needed. */
    public double minGain() {
        return settings.minGain;
    }

    /** How many ingredients the soup may have. */
    public int maxIngredients() {
        return settings.maxIngredients;
    }

    /** How often rejected ingredients are offered, the first time included. */
    public int passes() {
        return settings.passes;
    }

    /** The ingredients' own scores by their number, where they are known already: all of them, or none. */
    public Map<Integer, Double> scores() {
        return settings.scores;
    }

    /** Evaluations side by side. */
    public int jobs() {
        return settings.jobs;
    }

    /** Makes {@link GreedyOptions}. */
    public static final class Builder {
        private Objective objective = Objective.MAIN;
        private Order order = Order.BY_SCORE;
        private double minGain;
        private int maxIngredients = Integer.MAX_VALUE;
        private int passes = 1;
        private Map<Integer, Double> scores = Map.of();
        private int jobs = 1;

        private Builder() {}

        private Builder(Builder other) {
            objective = other.objective;
            order = other.order;
            minGain = other.minGain;
            maxIngredients = other.maxIngredients;
            passes = other.passes;
            scores = other.scores;
            jobs = other.jobs;
        }

        /** Which metric decides, and in which direction. */
        public Builder objective(Objective decides) {
            objective = Objects.requireNonNull(decides, "objective");
            return this;
        }

        /** In which order ingredients are offered. */
        public Builder order(Order offered) {
            order = Objects.requireNonNull(offered, "order");
            return this;
        }

        /**
         * By how much a soup should be better than the one before to be kept; strictly more is needed.
         *
         * @throws IllegalArgumentException where it is negative or not finite
         */
        public Builder minGain(double gain) {
            if (!(gain >= 0) || Double.isInfinite(gain)) {
                throw new IllegalArgumentException("the least gain should be a number of at least 0 but got " + gain);
            }
            minGain = gain;
            return this;
        }

        /**
         * How many ingredients the soup may have.
         *
         * @throws IllegalArgumentException where it is less than 1
         */
        public Builder maxIngredients(int most) {
            maxIngredients = Positive.of(most, "ingredients");
            return this;
        }

        /**
         * How often rejected ingredients are offered, the first time included.
         *
         * @throws IllegalArgumentException where it is less than 1
         */
        public Builder passes(int count) {
            passes = Positive.of(count, "passes");
            return this;
        }

        /** The ingredients' own scores by their number, which are then not measured. */
        public Builder scores(Map<Integer, Double> known) {
            scores = Map.copyOf(known);
            return this;
        }

        /**
         * Evaluations side by side.
         *
         * @throws IllegalArgumentException where it is less than 1
         */
        public Builder jobs(int count) {
            jobs = Positive.of(count, "jobs");
            return this;
        }

        /** The options as they are set now. */
        public GreedyOptions build() {
            return new GreedyOptions(new Builder(this));
        }
    }
}
