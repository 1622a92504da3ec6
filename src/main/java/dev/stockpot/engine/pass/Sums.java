package dev.stockpot.engine.pass;

/** Sums of chunks, as reductions merge them. */
final class Sums {
    private Sums() {}

    /** Adds {@code next} to {@code total}, in place. */
    static double[] add(double[] total, double[] next) {
        for (int k = 0; k < total.length; k++) {
            total[k] += next[k];
        }
        return total;
    }

    /** The sums, with every NaN replaced by the same one. */
    static double[] finished(double[] total) {
        double[] result = total.clone();
        for (int k = 0; k < result.length; k++) {
            result[k] = Double.isNaN(result[k]) ? Double.NaN : result[k];
        }
        return result;
    }
}
