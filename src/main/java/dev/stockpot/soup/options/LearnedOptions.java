package dev.stockpot.soup.options;

import dev.stockpot.error.SoupException;

/**
 * How the coefficients of a learned soup are found.
 *
 * @param granularity which tensors share coefficients
 * @param softmax whether an ingredient's coefficients are positive and sum to 1; free numbers otherwise
 * @param learningRate of AdamW, above 0
 * @param epochs how often the held-out set is gone through, at least 1
 * @param batchSize examples a step, at least 1; the last batch of an epoch may be shorter
 * @param shuffle whether batches are drawn at random, anew each epoch, rather than in the held-out set's order
 * @param seed of what is random
 * @param heldBack the part of the held-out set that is not learned from but tells when to stop, at least 0 and below 1
 * @param patience epochs that may pass without a lower loss on that part, at least 1
 */
public record LearnedOptions(
        Granularity granularity,
        boolean softmax,
        double learningRate,
        int epochs,
        int batchSize,
        boolean shuffle,
        long seed,
        double heldBack,
        int patience) {

    public LearnedOptions {
        if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
            throw new SoupException("the learning rate should be a number above 0 but got " + learningRate);
        }
        if (epochs < 1 || batchSize < 1 || patience < 1) {
            throw new SoupException("epochs, batch size and patience should be at least 1 but got " + epochs + ", "
                    + batchSize + " and " + patience);
        }
        if (!(heldBack >= 0 && heldBack < 1)) {
            throw new SoupException("the part held back should be at least 0 and below 1 but got " + heldBack);
        }
    }

    /** The paper's: one coefficient a model, 5 epochs of batches of 256, learning rate 0.05. */
    public static LearnedOptions defaults() {
        return new LearnedOptions(Granularity.MODEL, true, 0.05, 5, 256, true, 0, 0, 2);
    }

    /** With other groups of tensors. */
    public LearnedOptions withGranularity(Granularity other) {
        return new LearnedOptions(other, softmax, learningRate, epochs, batchSize, shuffle, seed, heldBack, patience);
    }

    /** With batches in the held-out set's order. */
    public LearnedOptions withoutShuffle() {
        return new LearnedOptions(
                granularity, softmax, learningRate, epochs, batchSize, false, seed, heldBack, patience);
    }

    /** With this many epochs. */
    public LearnedOptions withEpochs(int count) {
        return new LearnedOptions(
                granularity, softmax, learningRate, count, batchSize, shuffle, seed, heldBack, patience);
    }

    /** With another learning rate. */
    public LearnedOptions withLearningRate(double rate) {
        return new LearnedOptions(granularity, softmax, rate, epochs, batchSize, shuffle, seed, heldBack, patience);
    }
}
