package dev.stockpot.soup.adapter;

import dev.stockpot.checkpoint.adapter.Side;

/**
 * The factor R of the QR decomposition of a tall matrix, whose rows are read a block at a time: each block is eliminated by
 * Householder reflections of its columns and R's diagonal (Golub and Van Loan, Matrix Computations, 4th ed., 5.2). Q is not formed.
 */
final class TriangularFactor {
    private static final int BLOCK_NUMBERS = 1 << 15;

    private TriangularFactor() {}

    /** R of the matrix whose rows are the vectors of {@code side}; row by row, upper triangular. */
    static double[][] of(Side side) {
        int n = side.rank();
        double[][] r = new double[n][n];
        int most = Math.max(1, BLOCK_NUMBERS / n);
        double[] read = new double[most * n];
        double[][] block = new double[most][n];
        for (long first = 0; first < side.vectors(); first += most) {
            int rows = (int) Math.min(most, side.vectors() - first);
            side.read(first, rows, read);
            for (int i = 0; i < rows; i++) {
                System.arraycopy(read, i * n, block[i], 0, n);
            }
            eliminate(r, block, rows);
        }
        return r;
    }

    private static void eliminate(double[][] r, double[][] block, int rows) {
        int n = r.length;
        double[] sums = new double[n];
        for (int j = 0; j < n; j++) {
            double below = 0;
            for (int i = 0; i < rows; i++) {
                below = Math.fma(block[i][j], block[i][j], below);
            }
            if (below == 0) {
                continue;
            }
            double top = r[j][j];
            double length = Math.sqrt(Math.fma(top, top, below));
            double diagonal = top > 0 ? -length : length;
            double head = top - diagonal;
            double factor = 2 / Math.fma(head, head, below);
            // sums = factor * v^T [r; block]
            for (int k = j; k < n; k++) {
                sums[k] = head * r[j][k];
            }
            for (int i = 0; i < rows; i++) {
                addTo(sums, block[i][j], block[i], j);
            }
            for (int k = j; k < n; k++) {
                sums[k] *= factor;
            }
            addTo(r[j], -head, sums, j);
            r[j][j] = diagonal;
            for (int i = 0; i < rows; i++) {
                addTo(block[i], -block[i][j], sums, j);
            }
        }
    }

    /** Adds a multiple of a row to another, from a column on. */
    private static void addTo(double[] to, double factor, double[] row, int from) {
        for (int k = from; k < to.length; k++) {
            to[k] = Math.fma(factor, row[k], to[k]);
        }
    }
}
