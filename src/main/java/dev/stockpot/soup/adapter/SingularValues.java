package dev.stockpot.soup.adapter;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The singular values of a square matrix M and its left singular vectors, by one-sided Jacobi rotations of its columns (Demmel and
 * Veselic, Jacobi's method is more accurate than QR, 1992).
 *
 * @param values from the largest
 * @param left unit vectors in the same order; zeros where a value is 0
 */
record SingularValues(double[] values, double[][] left) {
    private static final int MOST_SWEEPS = 60;
    /** Columns whose cosine is smaller are taken for orthogonal. */
    private static final double ORTHOGONAL = 1e-15;

    /** @param columns of M; they are overwritten */
    static SingularValues of(double[][] columns) {
        int n = columns.length;
        boolean rotated = true;
        for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
            rotated = false;
            for (int p = 0; p < n - 1; p++) {
                for (int q = p + 1; q < n; q++) {
                    rotated |= rotate(columns[p], columns[q]);
                }
            }
        }
        double[] lengths = new double[n];
        for (int k = 0; k < n; k++) {
            lengths[k] = Math.sqrt(dot(columns[k], columns[k]));
        }
        Integer[] order = IntStream.range(0, n).boxed().toArray(Integer[]::new);
        Arrays.sort(order, Comparator.comparingDouble((Integer k) -> -lengths[k]));
        double[] values = new double[n];
        double[][] left = new double[n][];
        for (int k = 0; k < n; k++) {
            values[k] = lengths[order[k]];
            left[k] = columns[order[k]];
            for (int i = 0; i < n && values[k] > 0; i++) {
                left[k][i] /= values[k];
            }
        }
        return new SingularValues(values, left);
    }

    /** Makes two columns orthogonal; returns whether they were not. */
    private static boolean rotate(double[] p, double[] q) {
        double pp = dot(p, p);
        double qq = dot(q, q);
        double pq = dot(p, q);
        if (!(Math.abs(pq) > ORTHOGONAL * Math.sqrt(pp) * Math.sqrt(qq))) {
            return false;
        }
        double zeta = (qq - pp) / (2 * pq);
        double t = Math.signum(zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        t = zeta == 0 ? 1 : t;
        double c = 1 / Math.sqrt(1 + t * t);
        double s = c * t;
        for (int i = 0; i < p.length; i++) {
            double x = p[i];
            double y = q[i];
            p[i] = c * x - s * y;
            q[i] = s * x + c * y;
        }
        return true;
    }

    /** In four lanes, as one would wait for each addition. */
    static double dot(double[] x, double[] y) {
        double a = 0;
        double b = 0;
        double c = 0;
        double d = 0;
        int i = 0;
        for (; i + 3 < x.length; i += 4) {
            a = Math.fma(x[i], y[i], a);
            b = Math.fma(x[i + 1], y[i + 1], b);
            c = Math.fma(x[i + 2], y[i + 2], c);
            d = Math.fma(x[i + 3], y[i + 3], d);
        }
        for (; i < x.length; i++) {
            a = Math.fma(x[i], y[i], a);
        }
        return (a + b) + (c + d);
    }
}
