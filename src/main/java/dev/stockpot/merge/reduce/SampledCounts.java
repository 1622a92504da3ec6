package dev.stockpot.merge.reduce;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Dot;
import java.util.Optional;

/**
 * A formula's counts of a sample: some elements of chunks from all over the tensor. How many that are depends on how it is cut
 * into tiles.
 *
 * @param every which chunks are sampled: one of so many
 * @param fromEach how many elements of such a chunk
 */
record SampledCounts(Formula formula, long every, long fromEach) implements Reduction<SampledCounts.Found> {
    /** The part of all elements that is sampled, within limits. */
    private static final int PART = 64;

    private static final long LEAST = 1 << 15;
    private static final long MOST = 1 << 18;

    /** Each chunk has counts of its own, which cost as much as many elements. */
    private static final long CHUNKS = 16;

    private static final double[] NO_SUMS = {};

    /** A sample of so many elements: all, if there are few. */
    static SampledCounts of(Formula formula, long elements) {
        if (elements < 2 * LEAST) {
            return new SampledCounts(formula, 1, Dot.CHUNK);
        }
        long chunks = (elements - 1) / Dot.CHUNK + 1;
        long every = Math.max(1, chunks / CHUNKS);
        long wanted = Math.max(LEAST, Math.min(elements / PART, MOST)) * every / chunks;
        return new SampledCounts(formula, every, (wanted / Dot.BLOCK + 1) * Dot.BLOCK);
    }

    /** What was counted, of how many elements; no counts of none. */
    record Found(long[] counts, long elements) {}

    /** Whether all elements are counted. */
    boolean isOfAll() {
        return fromEach == Dot.CHUNK;
    }

    @Override
    public boolean reads(long first, long count) {
        return first / Dot.CHUNK % every == 0;
    }

    @Override
    public Found zero() {
        return new Found(new long[0], 0);
    }

    @Override
    public Found add(Found partial, Elements tile) {
        long[] counts = partial.elements == 0 ? new long[formula.counts()] : partial.counts;
        long count = Math.min(tile.count(), fromEach);
        Calculation work = new Calculation(formula, tile.sources(), Optional.empty(), tile.first(), count);
        tile.kernels().compute(work, NO_SUMS, counts);
        return new Found(counts, partial.elements + count);
    }

    @Override
    public Found merge(Found total, Found next) {
        if (total.elements == 0) {
            return next;
        }
        for (int k = 0; k < next.counts.length; k++) {
            total.counts[k] += next.counts[k];
        }
        return new Found(total.counts, total.elements + next.elements);
    }
}
