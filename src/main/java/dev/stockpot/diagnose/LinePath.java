package dev.stockpot.diagnose;

/**
 * Scores along the straight line between two ingredients: of theta_a + t (theta_b - theta_a).
 *
 * @param a the first ingredient's number
 * @param b the second's
 * @param points the values of t, from 0 to 1
 * @param scores one a point
 * @param minimize whether a lower score is better
 */
public record LinePath(int a, int b, double[] points, double[] scores, boolean minimize) {
    /**
     * How much the score falls below the straight line between those of the ends, where it falls most; 0 where it falls
     * nowhere below. The error barrier of Frankle et al., "Linear mode connectivity and the lottery ticket hypothesis",
     * ICML 2020, section 2, in the form of Entezari et al., "The role of permutation invariance in linear mode connectivity",
     * ICLR 2022, section 2, where the ends may differ.
     */
    public double barrier() {
        double worst = 0;
        for (int i = 0; i < points.length; i++) {
            double between = (1 - points[i]) * scores[0] + points[i] * scores[scores.length - 1];
            worst = Math.max(worst, minimize ? scores[i] - between : between - scores[i]);
        }
        return worst;
    }

    /** The barrier as a part of the larger of the ends' absolute scores; 0 where both are 0. */
    public double relativeBarrier() {
        double scale = Math.max(Math.abs(scores[0]), Math.abs(scores[scores.length - 1]));
        return scale == 0 ? 0 : barrier() / scale;
    }

    /** The score at the point nearest to the middle: of the soup of the two. */
    public double middle() {
        int nearest = 0;
        for (int i = 1; i < points.length; i++) {
            nearest = Math.abs(points[i] - 0.5) < Math.abs(points[nearest] - 0.5) ? i : nearest;
        }
        return scores[nearest];
    }
}
