package dev.stockpot.soup.adapter;

import dev.stockpot.checkpoint.adapter.Factors;
import dev.stockpot.checkpoint.adapter.Side;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import java.lang.ref.SoftReference;
import java.util.concurrent.Semaphore;

/**
 * The factors of the nearest product of lower rank to {@code B A} (Eckart and Young, 1936). With {@code B = Q R}, {@code A^T = P
 * T}, and the singular value decomposition {@code R T^T = U S V^T}, these are {@code B (T^T V S^-1/2)} and {@code (S^-1/2 U^T R) A}
 * of the largest singular values: so only square matrices as large as the rank are formed, and the new factors are read as
 * products of the old ones. They are computed when first read, and again if the heap had no room to keep them.
 */
final class RankReduction {
    /** Square matrices in memory at a time. */
    private static final int MATRICES = 6;
    /** Singular values that are smaller, of the largest, are rounding errors. */
    private static final double NOTHING = 1e-14;

    private static final long UNIT = 1024;
    private static final int UNITS =
            (int) Math.min(Integer.MAX_VALUE, Runtime.getRuntime().maxMemory() / 4 / UNIT);
    /** Modules are reduced at the same time as far as the heap has room. */
    private static final Semaphore ROOM = new Semaphore(UNITS);

    private final Factors a;
    private final Factors b;
    private final int rank;
    private SoftReference<Small> found = new SoftReference<>(null);
    private volatile Energy energy;

    /**
     * @param a columns of A
     * @param b rows of B
     * @param rank of the result
     */
    RankReduction(Factors a, Factors b, int rank) {
        this.a = a;
        this.b = b;
        this.rank = rank;
    }

    /** The sum of the squares of the product's singular values, and of those that are kept. */
    record Energy(double all, double kept) {
        double share() {
            return all == 0 ? 1 : kept / all;
        }
    }

    /** What the old factors are multiplied with: for each place of the new rank, a vector as long as the old one. */
    private record Small(double[] forA, double[] forB) {}

    /** The rows of the new A are these times the old A. */
    Side forA() {
        return new Late(true);
    }

    /** The columns of the new B are the old B times these. */
    Side forB() {
        return new Late(false);
    }

    /** What is kept. */
    Energy energy() {
        if (energy == null) {
            small();
        }
        return energy;
    }

    /** Vectors that are computed when they are read. */
    private final class Late implements Side {
        private final boolean first;

        Late(boolean first) {
            this.first = first;
        }

        @Override
        public int rank() {
            return a.rank();
        }

        @Override
        public long vectors() {
            return rank;
        }

        @Override
        public void read(long from, int count, double[] into) {
            Small small = small();
            double[] values = first ? small.forA : small.forB;
            System.arraycopy(values, (int) from * rank(), into, 0, count * rank());
        }
    }

    private synchronized Small small() {
        Small small = found.get();
        if (small == null) {
            int n = a.rank();
            long units = (long) MATRICES * n * n * Double.BYTES / UNIT + 1;
            if (units > 2L * UNITS) {
                throw new SoupException(
                        Reason.NO_MEMORY,
                        "reducing rank " + n + " takes " + units * UNIT + " bytes of Java's heap, which has "
                                + Runtime.getRuntime().maxMemory(),
                        Details.of().hint("JAVA_TOOL_OPTIONS=-Xmx1g allows more"));
            }
            int taken = (int) Math.min(UNITS, units);
            ROOM.acquireUninterruptibly(taken);
            try {
                small = computed();
                found = new SoftReference<>(small);
            } finally {
                ROOM.release(taken);
            }
        }
        return small;
    }

    private Small computed() {
        int n = a.rank();
        double[][] ra = TriangularFactor.of(a);
        double[][] rb = TriangularFactor.of(b);
        // Columns of rb ra^T: column j is rb times row j of ra.
        double[][] columns = new double[n][n];
        for (int j = 0; j < n; j++) {
            for (int i = 0; i < n; i++) {
                double sum = 0;
                for (int k = Math.max(i, j); k < n; k++) {
                    sum = Math.fma(rb[i][k], ra[j][k], sum);
                }
                columns[j][i] = sum;
            }
        }
        SingularValues svd = SingularValues.of(columns);
        double all = 0;
        double kept = 0;
        for (int k = n - 1; k >= 0; k--) {
            double square = svd.values()[k] * svd.values()[k];
            all += square;
            kept += k < rank ? square : 0;
        }
        energy = new Energy(all, kept);
        double[] forA = new double[rank * n];
        double[] forB = new double[rank * n];
        for (int k = 0; k < rank; k++) {
            double value = svd.values()[k];
            if (value > NOTHING * svd.values()[0]) {
                // u^T rb; then v = (rb ra^T)^T u / value, and ra^T v.
                double[] u = svd.left()[k];
                double[] urb = byTransposed(rb, u);
                double[] v = by(ra, urb);
                double[] rav = byTransposed(ra, v);
                double root = Math.sqrt(value);
                for (int i = 0; i < n; i++) {
                    forA[k * n + i] = urb[i] / root;
                    forB[k * n + i] = rav[i] / (value * root);
                }
            }
        }
        return new Small(forA, forB);
    }

    private static double[] by(double[][] matrix, double[] vector) {
        double[] product = new double[vector.length];
        for (int i = 0; i < product.length; i++) {
            product[i] = SingularValues.dot(matrix[i], vector);
        }
        return product;
    }

    private static double[] byTransposed(double[][] matrix, double[] vector) {
        double[] product = new double[vector.length];
        for (int i = 0; i < vector.length; i++) {
            for (int k = 0; k < product.length; k++) {
                product[k] = Math.fma(vector[i], matrix[i][k], product[k]);
            }
        }
        return product;
    }
}
