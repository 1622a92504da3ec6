package dev.stockpot.merge.reduce;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Dot;
import java.util.Optional;

/**
 * A formula's counts of a part of the elements, from all over the tensor. How many that are depends
 * on how it is cut into tiles.
 */
record SampledCounts(Formula formula, int part) implements Reduction<SampledCounts.Found> {
    /** How many elements are enough, and the least part of all that is. */
    private static final long ENOUGH = 1 << 17;

    private static final int LEAST_PART = 64;

    private static final double[] NO_SUMS = {};

    /** A sample of so many elements: all, if there are few. */
    static SampledCounts of(Formula formula, long elements) {
        return new SampledCounts(formula, (int) Math.max(1, Math.min(LEAST_PART, elements / ENOUGH)));
    }

    /** What was counted, of how many elements. */
    record Found(long[] counts, long elements) {}

    /** Whether all elements are counted. */
    boolean isOfAll() {
        return part == 1;
    }

    @Override
    public Found zero() {
        return new Found(new long[formula.counts()], 0);
    }

    @Override
    public Found add(Found partial, Elements tile) {
        long few = tile.count() / part / Dot.BLOCK * Dot.BLOCK;
        long count = part == 1 ? tile.count() : Math.min(tile.count(), Math.max(Dot.BLOCK, few));
        Calculation work = new Calculation(formula, tile.sources(), Optional.empty(), tile.first(), count);
        tile.kernels().compute(work, NO_SUMS, partial.counts);
        return new Found(partial.counts, partial.elements + count);
    }

    @Override
    public Found merge(Found total, Found next) {
        for (int k = 0; k < total.counts.length; k++) {
            total.counts[k] += next.counts[k];
        }
        return new Found(total.counts, total.elements + next.elements);
    }
}
