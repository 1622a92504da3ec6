package dev.stockpot.engine.pass;

import java.util.List;

/**
 * The inner products of some vectors with each other, which determine their lengths, distances and angles. Immutable.
 *
 * <p>Kept packed: {@code n (n + 1) / 2} numbers.
 */
public final class Gram {
    private final int vectors;
    private final double[] products;

    Gram(int vectors, double[] products) {
        this.vectors = vectors;
        this.products = products;
    }

    /** How many numbers there are for {@code vectors} vectors. */
    static int packed(int vectors) {
        return Math.multiplyExact(vectors, vectors + 1) / 2;
    }

    /** Where the row of {@code i} starts: its products with {@code i} and all vectors after it. */
    static int row(int vectors, int i) {
        return i * vectors - i * (i - 1) / 2;
    }

    /** The products of vectors that are joined from parts: the sum of the parts' products, in their order. */
    static Gram sum(int vectors, Iterable<Gram> parts) {
        double[] sums = new double[packed(vectors)];
        for (Gram part : parts) {
            for (int p = 0; p < sums.length; p++) {
                sums[p] += part.products[p];
            }
        }
        return new Gram(vectors, sums);
    }

    /** How many vectors. */
    public int vectors() {
        return vectors;
    }

    /** The inner product of two. */
    public double product(int i, int j) {
        return i <= j ? products[row(vectors, i) + j - i] : product(j, i);
    }

    /** Whether the products of all of {@code some} with each other are finite. */
    public boolean isFinite(List<Integer> some) {
        for (int i : some) {
            for (int j : some) {
                if (!Double.isFinite(product(i, j))) {
                    return false;
                }
            }
        }
        return true;
    }

    /** The Euclidean length of one. */
    public double norm(int i) {
        return Math.sqrt(product(i, i));
    }

    /**
     * The Euclidean distance between two. Exactly 0 for equal vectors; if it is far below the vectors' lengths it has fewer
     * correct digits, and none if it is less than about 1e-8 of them.
     */
    public double distance(int i, int j) {
        return Math.sqrt(Math.max(0, product(i, i) + product(j, j) - 2 * product(i, j)));
    }

    /** The cosine of the angle between two, in [-1, 1]; NaN if one is zero or not finite. */
    public double cosine(int i, int j) {
        double cosine = product(i, j) / (norm(i) * norm(j));
        return Double.isFinite(cosine) ? Math.max(-1, Math.min(1, cosine)) : Double.NaN;
    }

    /** The angle between two in degrees, from 0 to 180; NaN if one is zero or not finite. */
    public double angle(int i, int j) {
        return Math.toDegrees(Math.acos(cosine(i, j)));
    }
}
