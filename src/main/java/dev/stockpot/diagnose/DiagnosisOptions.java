package dev.stockpot.diagnose;

import dev.stockpot.soup.options.Objective;
import java.util.List;
import java.util.Objects;

/** How ingredients are diagnosed. Immutable. */
public final class DiagnosisOptions {
    private static final DiagnosisOptions DEFAULTS = builder().build();

    private final Objective objective;
    private final List<Double> points;
    private final PairChoice pairs;
    private final int jobs;

    private DiagnosisOptions(Builder settings) {
        this.objective = settings.objective;
        this.points = settings.points;
        this.pairs = settings.pairs;
        this.jobs = settings.jobs;
    }

    /** The evaluator's main metric in the direction of its name; quarters of the lines from the best ingredient to every other. */
    public static DiagnosisOptions defaults() {
        return DEFAULTS;
    }

    /** A builder set to the {@link #defaults}. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder set to these options. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.objective = objective;
        builder.points = points;
        builder.pairs = pairs;
        builder.jobs = jobs;
        return builder;
    }

    /** Which metric to look at, and in which direction. */
    public Objective objective() {
        return objective;
    }

    /** Where on the straight line between two ingredients to score: rising from 0 at the first to 1 at the second. */
    public List<Double> points() {
        return points;
    }

    /** Which pairs of ingredients to score between. */
    public PairChoice pairs() {
        return pairs;
    }

    /** How many evaluations run concurrently. */
    public int jobs() {
        return jobs;
    }

    /** Builds {@link DiagnosisOptions}. */
    public static final class Builder {
        private Objective objective = Objective.MAIN;
        private List<Double> points = List.of(0.0, 0.25, 0.5, 0.75, 1.0);
        private PairChoice pairs = PairChoice.BEST;
        private int jobs = 1;

        private Builder() {}

        /** Which metric to look at, and in which direction. */
        public Builder objective(Objective metric) {
            objective = Objects.requireNonNull(metric, "objective");
            return this;
        }

        /**
         * Where on the straight line between two ingredients to score.
         *
         * @throws IllegalArgumentException if they do not rise from exactly 0 to exactly 1, or are fewer than three
         */
        public Builder points(List<Double> along) {
            boolean rising = along.size() >= 3 && along.get(0) == 0 && along.get(along.size() - 1) == 1;
            for (int i = 1; i < along.size(); i++) {
                rising = rising && along.get(i) > along.get(i - 1);
            }
            if (!rising) {
                throw new IllegalArgumentException(
                        "points should be at least three rising numbers from 0 to 1 but are " + along);
            }
            points = List.copyOf(along);
            return this;
        }

        /** Which pairs of ingredients to score between. */
        public Builder pairs(PairChoice choice) {
            pairs = Objects.requireNonNull(choice, "pairs");
            return this;
        }

        /**
         * How many evaluations run concurrently.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder jobs(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("jobs should be at least 1 but got " + count);
            }
            jobs = count;
            return this;
        }

        /** The options as currently set. */
        public DiagnosisOptions build() {
            return new DiagnosisOptions(this);
        }
    }
}
