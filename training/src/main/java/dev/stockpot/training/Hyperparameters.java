package dev.stockpot.training;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * How one model is trained.
 *
 * @param learningRate AdamW's highest learning rate, reached after a short rise and followed by half a cosine down to zero
 * @param weightDecay AdamW's weight decay
 * @param epochs how often all examples are gone through
 * @param smoothing label smoothing: the part of a target's probability that all classes share
 * @param mixup the parameter of mixup's beta distribution; 0 for none
 * @param shift the most pixels that an image is moved by
 * @param flip whether images are mirrored at random
 * @param erase the side of a square that is blanked in half of the images, or the percentage of words left out of a text; 0
 *     for none
 * @param seed the seed of everything random
 */
record Hyperparameters(
        double learningRate,
        double weightDecay,
        int epochs,
        double smoothing,
        double mixup,
        int shift,
        boolean flip,
        int erase,
        long seed) {
    /** For scoring: leaves examples unchanged. */
    static final Hyperparameters UNCHANGED = new Hyperparameters(0, 0, 0, 0, 0, 0, false, 0, 0);

    /** The columns of {@link #row}. */
    static final List<String> COLUMNS = List.of(
            "learning_rate", "weight_decay", "epochs", "label_smoothing", "mixup", "shift", "flip", "erase", "seed");

    /**
     * Draws one model's hyperparameters, in the ranges of the paper's random search (appendix J.2.1) as far as they fit
     * a small network.
     *
     * @param leastEpochs the fewest epochs; at most twice this number is drawn
     */
    static Hyperparameters draw(Random random, int leastEpochs) {
        double rate = rounded(Math.pow(10, -3 + 0.6 * random.nextDouble()));
        double decay = rounded(Math.pow(10, -4 + 3.5 * random.nextDouble()));
        int epochs = leastEpochs + random.nextInt(leastEpochs + 1);
        double smoothing = random.nextBoolean() ? 0 : rounded(0.2 * random.nextDouble());
        double mixup = random.nextBoolean() ? 0 : rounded(0.4 * random.nextDouble());
        int shift = random.nextInt(2);
        boolean flip = random.nextBoolean();
        int erase = random.nextBoolean() ? 0 : 4 + random.nextInt(5);
        return new Hyperparameters(
                rate, decay, epochs, smoothing, mixup, shift, flip, erase, random.nextInt(1_000_000));
    }

    /** The same without anything that mirrors, moves or mixes images. */
    Hyperparameters withoutImages() {
        return new Hyperparameters(learningRate, weightDecay, epochs, smoothing, 0, 0, false, erase, seed);
    }

    /** Rounds to three digits, so that a table holds values in full. */
    private static double rounded(double value) {
        return Double.parseDouble(String.format(Locale.ROOT, "%.3g", value));
    }

    /** A table's row, in the order of {@link #COLUMNS}. */
    List<String> row() {
        return List.of(
                Double.toString(learningRate),
                Double.toString(weightDecay),
                Integer.toString(epochs),
                Double.toString(smoothing),
                Double.toString(mixup),
                Integer.toString(shift),
                Boolean.toString(flip),
                Integer.toString(erase),
                Long.toString(seed));
    }
}
