package dev.stockpot.training;

import java.util.Random;

/**
 * Mixup (Zhang et al. 2018): each example of a batch is mixed with another, inputs and targets alike.
 *
 * @param share the share of the example itself, from a half to 1
 * @param partners the other example, by example
 */
record Mixup(float share, int[] partners) {
    static Mixup draw(double alpha, int examples, Random random) {
        double share = beta(alpha, random);
        return new Mixup((float) Math.max(share, 1 - share), Order.shuffled(examples, random));
    }

    /** A number from the symmetric beta distribution (Jöhnk 1964), for {@code alpha} up to 1. */
    private static double beta(double alpha, Random random) {
        while (true) {
            double x = Math.pow(random.nextDouble(), 1 / alpha);
            double y = Math.pow(random.nextDouble(), 1 / alpha);
            if (x + y <= 1 && x + y > 0) {
                return x / (x + y);
            }
        }
    }

    /** Mixes rows, one per partner. */
    float[] mix(float[] rows) {
        int length = rows.length / partners.length;
        float[] mixed = new float[rows.length];
        for (int row = 0; row < partners.length; row++) {
            for (int i = 0; i < length; i++) {
                mixed[row * length + i] =
                        share * rows[row * length + i] + (1 - share) * rows[partners[row] * length + i];
            }
        }
        return mixed;
    }
}
