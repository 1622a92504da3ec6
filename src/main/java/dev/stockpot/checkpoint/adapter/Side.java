package dev.stockpot.checkpoint.adapter;

/** One side of a product of matrices: vectors whose length is the rank, read a few at a time. Thread-safe. */
public interface Side {
    /** The length of the vectors. */
    int rank();

    /** How many vectors there are. */
    long vectors();

    /**
     * Reads vectors.
     *
     * @param first of them
     * @param into gets element k of vector {@code first + i} at {@code i * rank + k}
     */
    void read(long first, int count, double[] into);

    /** Vectors in memory, one after another. */
    static Side of(double[] values, int rank) {
        return new Side() {
            @Override
            public int rank() {
                return rank;
            }

            @Override
            public long vectors() {
                return values.length / rank;
            }

            @Override
            public void read(long first, int count, double[] into) {
                System.arraycopy(values, Math.toIntExact(first * rank), into, 0, count * rank);
            }
        };
    }
}
