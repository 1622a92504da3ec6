package dev.stockpot.kernel;

/** The lanes that a block is summed in ({@link Dot#LANES}). */
final class Lanes {
    private Lanes() {}

    /** Their sum, in a tree; changes them. */
    static double sum(double[] lanes) {
        for (int half = lanes.length / 2; half > 0; half /= 2) {
            for (int j = 0; j < half; j++) {
                lanes[j] += lanes[j + half];
            }
        }
        return lanes[0];
    }
}
