package dev.stockpot.merge.reduce;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Dot;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A formula's counts: of the whole tensor, and of parts of it, whose number does not grow with the tensor. */
record PartCounts(Formula formula) implements Reduction<PartCounts.Found> {
    /** The most counts that are kept of all parts together. */
    private static final int MOST = 1 << 18;

    private static final double[] NO_SUMS = {};

    /** Counts of some chunks. */
    static final class Found {
        private final long[] all;
        private final List<int[]> parts = new ArrayList<>();
        private int chunksInPart = 1;
        private int chunksInLast = 1;

        private Found(int counts) {
            all = new long[counts];
        }

        /** Of the whole tensor. */
        long[] all() {
            return all;
        }

        /** Of a part. */
        long count(int part, int place) {
            return parts.get(part)[place];
        }

        /** The index of a part's first element. */
        long first(int part) {
            return (long) part * chunksInPart * Dot.CHUNK;
        }

        private void add(long[] chunk) {
            for (int k = 0; k < chunk.length; k++) {
                all[k] += chunk[k];
            }
            if (chunksInLast == chunksInPart) {
                joinParts();
            }
            if (chunksInLast == chunksInPart) {
                parts.add(new int[chunk.length]);
                chunksInLast = 0;
            }
            int[] last = parts.get(parts.size() - 1);
            for (int k = 0; k < chunk.length; k++) {
                last[k] = Math.addExact(last[k], Math.toIntExact(chunk[k]));
            }
            chunksInLast++;
        }

        /** Makes each two of the parts one, if there is no room for more. */
        private void joinParts() {
            if (parts.size() < 2 || (parts.size() + 1L) * all.length <= MOST) {
                return;
            }
            for (int p = 0; p < parts.size(); p += 2) {
                int[] joined = parts.get(p);
                for (int k = 0; p + 1 < parts.size() && k < joined.length; k++) {
                    joined[k] = Math.addExact(joined[k], parts.get(p + 1)[k]);
                }
                parts.set(p / 2, joined);
            }
            chunksInLast += parts.size() % 2 == 0 ? chunksInPart : 0;
            parts.subList((parts.size() + 1) / 2, parts.size()).clear();
            chunksInPart *= 2;
        }
    }

    @Override
    public Found zero() {
        return new Found(formula.counts());
    }

    @Override
    public Found add(Found partial, Elements tile) {
        Calculation work = new Calculation(formula, tile.sources(), Optional.empty(), tile.first(), tile.count());
        tile.kernels().compute(work, NO_SUMS, partial.all);
        return partial;
    }

    @Override
    public Found merge(Found total, Found next) {
        total.add(next.all);
        return total;
    }
}
