package dev.stockpot.soup.options;

import java.util.Map;
import java.util.Objects;

/** How a greedy soup is searched for. Immutable. */
public final class GreedyOptions {
    private static final GreedyOptions DEFAULTS = builder().build();

    private final Builder settings;

    private GreedyOptions(Builder settings) {
        this.settings = settings;
    }

    /**
     * The evaluator's main metric in the direction that its name stands for, best ingredient first, one pass, no limit, and ties are not accepted: the
     * paper's but for the last.
     */
    public static GreedyOptions defaults() {
        return DEFAULTS;
    }

    /** A builder set to the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder set to these options. */
    public Builder toBuilder() {
        return new Builder(settings);
    }

    /** Which metric decides, and in which direction. */
    public Objective objective() {
        return settings.objective;
    }

    /** The order in which ingredients are offered. */
    public Order order() {
        return settings.order;
    }

    /** The gain over the previous soup that a soup must exceed to be kept; with {@link #acceptTies}, that it must reach. */
    public double minGain() {
        return settings.minGain;
    }

    /** Whether an ingredient that leaves the score as it is stays in the soup too, as in the paper. */
    public boolean acceptTies() {
        return settings.acceptTies;
    }

    /** The most ingredients that the soup may have. */
    public int maxIngredients() {
        return settings.maxIngredients;
    }

    /** How many times rejected ingredients are offered, including the first time. */
    public int passes() {
        return settings.passes;
    }

    /** The ingredients' own scores by their number from 0, if they are already known: all of them, or none. */
    public Map<Integer, Double> scores() {
        return settings.scores;
    }

    /** How many evaluations run concurrently. */
    public int jobs() {
        return settings.jobs;
    }

    /** Builds {@link GreedyOptions}. */
    public static final class Builder {
        private Objective objective = Objective.MAIN;
        private Order order = Order.BY_SCORE;
        private double minGain;
        private boolean acceptTies;
        private int maxIngredients = Integer.MAX_VALUE;
        private int passes = 1;
        private Map<Integer, Double> scores = Map.of();
        private int jobs = 1;

        private Builder() {}

        private Builder(Builder other) {
            objective = other.objective;
            order = other.order;
            minGain = other.minGain;
            acceptTies = other.acceptTies;
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

        /** The order in which ingredients are offered. */
        public Builder order(Order offered) {
            order = Objects.requireNonNull(offered, "order");
            return this;
        }

        /**
         * The gain over the previous soup that a soup must exceed to be kept.
         *
         * @throws IllegalArgumentException if it is negative or not finite
         */
        public Builder minGain(double gain) {
            if (!(gain >= 0) || Double.isInfinite(gain)) {
                throw new IllegalArgumentException("the minimum gain should be a number of at least 0 but got " + gain);
            }
            minGain = gain;
            return this;
        }

        /**
         * Whether an ingredient that leaves the score as it is stays in the soup too, as in Recipe 1 of the paper (its score must
         * be "at least" that of the soup so far). By default it does not: of two soups with the same score, the one with fewer
         * ingredients is kept. With a {@link #minGain} the gain may then equal it.
         */
        public Builder acceptTies(boolean accept) {
            acceptTies = accept;
            return this;
        }

        /**
         * The most ingredients that the soup may have.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder maxIngredients(int most) {
            maxIngredients = Positive.of(most, "ingredients");
            return this;
        }

        /**
         * How many times rejected ingredients are offered, including the first time.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder passes(int count) {
            passes = Positive.of(count, "passes");
            return this;
        }

        /**
         * The ingredients' own scores by their number from 0; they are then not evaluated. They should be of the objective's
         * metric, and are sorted in its direction.
         */
        public Builder scores(Map<Integer, Double> known) {
            scores = Map.copyOf(known);
            return this;
        }

        /**
         * How many evaluations run concurrently.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder jobs(int count) {
            jobs = Positive.of(count, "jobs");
            return this;
        }

        /** The options as currently set. */
        public GreedyOptions build() {
            return new GreedyOptions(new Builder(this));
        }
    }
}
