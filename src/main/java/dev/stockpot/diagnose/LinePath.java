package dev.stockpot.diagnose;

import java.util.List;

/**
 * Scores along the straight line between two ingredients: of theta_a + t (theta_b - theta_a).
 *
 * @param a the first ingredient's number
 * @param b the second's
 * @param points the values of t, from 0 to 1
 * @param scores one per point
 * @param minimize whether a lower score is better
 */
public record LinePath(int a, int b, List<Double> points, List<Double> scores, boolean minimize) {
    public LinePath {
        points = List.copyOf(points);
        scores = List.copyOf(scores);
    }

    /**
     * The most that the score falls below the straight line between the scores of the ends; 0 if it never falls below it. The
     * error barrier of Frankle et al., "Linear mode connectivity and the lottery ticket hypothesis",
     * ICML 2020, section 2, in the form of Entezari et al., "The role of permutation invariance in linear mode connectivity",
     * ICLR 2022, section 2, in which the ends may differ.
     */
    public double barrier() {
        double worst = 0;
        for (int i = 0; i < points.size(); i++) {
            double between = (1 - points.get(i)) * scores.get(0) + points.get(i) * last();
            worst = Math.max(worst, minimize ? scores.get(i) - between : between - scores.get(i));
        }
        return worst;
    }

    /** The barrier as a fraction of the larger of the ends' absolute scores; 0 if both are 0. */
    public double relativeBarrier() {
        double scale = Math.max(Math.abs(scores.get(0)), Math.abs(last()));
        return scale == 0 ? 0 : barrier() / scale;
    }

    /** The score at the point nearest to the middle: that of the soup of the two. */
    public double middle() {
        int nearest = 0;
        for (int i = 1; i < points.size(); i++) {
            nearest = Math.abs(points.get(i) - 0.5) < Math.abs(points.get(nearest) - 0.5) ? i : nearest;
        }
        return scores.get(nearest);
    }

    private double last() {
        return scores.get(scores.size() - 1);
    }
}
