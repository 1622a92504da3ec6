package dev.stockpot.merge.reduce;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Dot;
import java.util.List;
import java.util.Optional;

/**
 * Narrows the parts of a tensor that the n-th elements with some patterns are in down to a block each, so that few elements are
 * looked at one by one.
 */
record EqualCounts(List<Formula> counts, List<RankSearch> searches) implements Reduction<EqualCounts.Found> {
    /** A call for a block costs little beside its elements. */
    private static final int BLOCK = 8 * Dot.BLOCK;

    private static final double[] NO_SUMS = {};

    /** Of some chunks: how many elements have each pattern, which block the n-th is in, and which of the block's it is. */
    static final class Found {
        private final long[] counted;
        private final long[] block;
        private final long[] wanted;
        /** Of a single chunk: the counts of each block of those that were looked at. */
        private final int[][] inBlocks;

        private long first = -1;

        private Found(int patterns) {
            counted = new long[patterns];
            block = new long[patterns];
            wanted = new long[patterns];
            inBlocks = new int[patterns][];
        }

        /** Tells the searches. */
        void tell(List<RankSearch> searches) {
            for (int k = 0; k < block.length; k++) {
                searches.get(k).narrow(block[k], block[k] + BLOCK, wanted[k]);
            }
        }
    }

    static EqualCounts of(Ranking.Vectors vectors, List<RankSearch> searches) {
        List<Formula> counts = searches.stream()
                .map(search -> {
                    FormulaBuilder f = Formula.builder();
                    f.count(search.equals(vectors, f));
                    return f.build();
                })
                .toList();
        return new EqualCounts(counts, searches);
    }

    @Override
    public Found zero() {
        return new Found(searches.size());
    }

    @Override
    public boolean reads(long first, long count) {
        return searches.stream().anyMatch(search -> search.isIn(first, count));
    }

    @Override
    public Found add(Found partial, Elements tile) {
        partial.first = partial.first < 0 ? tile.first() : partial.first;
        for (int k = 0; k < searches.size(); k++) {
            if (!searches.get(k).isIn(tile.first(), tile.count())) {
                continue;
            }
            if (partial.inBlocks[k] == null) {
                partial.inBlocks[k] = new int[Dot.CHUNK / BLOCK];
            }
            int length;
            for (int done = 0; done < tile.count(); done += length) {
                int at = Math.toIntExact(tile.first() + done - partial.first);
                // A block may lie in two tiles.
                length = (int) Math.min(BLOCK - at % BLOCK, tile.count() - done);
                long[] count = new long[1];
                Elements part = tile.slice(done, length);
                Calculation work =
                        new Calculation(counts.get(k), part.sources(), Optional.empty(), part.first(), part.count());
                tile.kernels().compute(work, NO_SUMS, count);
                partial.inBlocks[k][at / BLOCK] += Math.toIntExact(count[0]);
            }
        }
        return partial;
    }

    @Override
    public Found merge(Found total, Found next) {
        for (int k = 0; k < searches.size(); k++) {
            long wanted = searches.get(k).wanted();
            for (int b = 0; next.inBlocks[k] != null && b < next.inBlocks[k].length; b++) {
                int count = next.inBlocks[k][b];
                if (total.counted[k] < wanted && total.counted[k] + count >= wanted) {
                    total.block[k] = next.first + (long) b * BLOCK;
                    total.wanted[k] = wanted - total.counted[k];
                }
                total.counted[k] += count;
            }
        }
        return total;
    }
}
