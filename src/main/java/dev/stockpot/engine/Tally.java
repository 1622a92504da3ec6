package dev.stockpot.engine;

import java.util.Arrays;
import java.util.function.Consumer;

/** What is counted while a tensor is made, tile by tile on any thread, and told once all of its elements are made. */
public final class Tally {
    private final long elements;
    private final long[] counts;
    private final Consumer<long[]> whole;
    private long made;

    /**
     * Counts for a tensor.
     *
     * @param elements the tensor's
     * @param counts how many numbers are counted
     * @param whole called with the counts of the whole tensor, on the thread that makes its last elements
     */
    public Tally(long elements, int counts, Consumer<long[]> whole) {
        this.elements = elements;
        this.counts = new long[counts];
        this.whole = whole;
    }

    /** Adds the counts of some elements. */
    public void add(long[] more, long count) {
        synchronized (this) {
            Arrays.setAll(counts, k -> counts[k] + more[k]);
            made += count;
            if (made != elements) {
                return;
            }
        }
        whole.accept(counts);
    }
}
