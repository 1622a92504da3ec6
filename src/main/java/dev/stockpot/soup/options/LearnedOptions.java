package dev.stockpot.soup.options;

import java.util.Objects;

/** How the coefficients of a learned soup are found. Immutable. */
public final class LearnedOptions {
    private static final LearnedOptions DEFAULTS = builder().build();

    private final Builder settings;

    private LearnedOptions(Builder settings) {
        this.settings = settings;
    }

    /** The paper's: one coefficient per model, under softmax, 5 epochs of batches of 256, learning rate 0.05. */
    public static LearnedOptions defaults() {
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

    /** Which tensors share coefficients. */
    public Granularity granularity() {
        return settings.granularity;
    }

    /** Whether the coefficients of a group are positive and sum to 1; otherwise they are unconstrained. */
    public boolean softmax() {
        return settings.softmax;
    }

    /** The learning rate of AdamW, above 0. */
    public double learningRate() {
        return settings.learningRate;
    }

    /** How many times the held-out set is gone through. */
    public int epochs() {
        return settings.epochs;
    }

    /** Examples per step; the last batch of an epoch may be smaller. */
    public int batchSize() {
        return settings.batchSize;
    }

    /** Whether each epoch draws its batches at random rather than in the held-out set's order. */
    public boolean shuffle() {
        return settings.shuffle;
    }

    /** The seed of everything random. */
    public long seed() {
        return settings.seed;
    }

    /** The fraction of the held-out set that decides when to stop and is not learned from, at least 0 and below 1. */
    public double heldBack() {
        return settings.heldBack;
    }

    /** After how many epochs without a lower loss on that fraction to stop. */
    public int patience() {
        return settings.patience;
    }

    /** Builds {@link LearnedOptions}. */
    public static final class Builder {
        private Granularity granularity = Granularity.MODEL;
        private boolean softmax = true;
        private double learningRate = 0.05;
        private int epochs = 5;
        private int batchSize = 256;
        private boolean shuffle = true;
        private long seed;
        private double heldBack;
        private int patience = 2;

        private Builder() {}

        private Builder(Builder other) {
            granularity = other.granularity;
            softmax = other.softmax;
            learningRate = other.learningRate;
            epochs = other.epochs;
            batchSize = other.batchSize;
            shuffle = other.shuffle;
            seed = other.seed;
            heldBack = other.heldBack;
            patience = other.patience;
        }

        /** Which tensors share coefficients. */
        public Builder granularity(Granularity groups) {
            granularity = Objects.requireNonNull(groups, "granularity");
            return this;
        }

        /** Whether the coefficients of a group are positive and sum to 1. */
        public Builder softmax(boolean constrained) {
            softmax = constrained;
            return this;
        }

        /**
         * The learning rate of AdamW.
         *
         * @throws IllegalArgumentException if it is not a finite number above 0
         */
        public Builder learningRate(double rate) {
            if (!(rate > 0) || Double.isInfinite(rate)) {
                throw new IllegalArgumentException("the learning rate should be a number above 0 but got " + rate);
            }
            learningRate = rate;
            return this;
        }

        /**
         * How many times the held-out set is gone through.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder epochs(int count) {
            epochs = Positive.of(count, "epochs");
            return this;
        }

        /**
         * Examples per step.
         *
         * @throws IllegalArgumentException if it is less than 1
         */
        public Builder batchSize(int examples) {
            batchSize = Positive.of(examples, "the batch size");
            return this;
        }

        /** Whether batches are drawn at random. */
        public Builder shuffle(boolean random) {
            shuffle = random;
            return this;
        }

        /** The seed of everything random. */
        public Builder seed(long number) {
            seed = number;
            return this;
        }

        /**
         * Stops early: holds back this fraction of the held-out set, and stops after {@code epochs} epochs without a lower
         * loss on it.
         *
         * @throws IllegalArgumentException if {@code part} is not at least 0 and below 1, or {@code epochs} is less than 1
         */
        public Builder earlyStop(double part, int epochs) {
            if (!(part >= 0 && part < 1)) {
                throw new IllegalArgumentException(
                        "the part held back should be at least 0 and below 1 but got " + part);
            }
            heldBack = part;
            patience = Positive.of(epochs, "patience");
            return this;
        }

        /** The options as currently set. */
        public LearnedOptions build() {
            return new LearnedOptions(new Builder(this));
        }
    }
}
