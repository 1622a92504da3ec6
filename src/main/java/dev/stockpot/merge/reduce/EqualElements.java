package dev.stockpot.merge.reduce;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Operand;
import dev.stockpot.merge.Step;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * The index of the n-th element with a pattern, for several patterns, once it is known which block it is in. Each chunk marks
 * its elements in a set of bits, which is dropped when the chunks before it are counted.
 */
record EqualElements(List<Formula> marks, List<RankSearch> searches) implements Reduction<EqualElements.Found> {
    /** What is known of some chunks: which elements have the patterns, or how many there were and where the n-th was. */
    static final class Found {
        private final BitSet[] marked;
        private final long[] counted;
        private final long[] index;
        private long first = -1;

        private Found(int patterns) {
            marked = new BitSet[patterns];
            counted = new long[patterns];
            index = new long[patterns];
            Arrays.fill(index, -1);
        }
    }

    static Step find(Ranking.Vectors vectors, List<RankSearch> searches, Supplier<Step> next) {
        List<Formula> marks = new ArrayList<>();
        for (RankSearch search : searches) {
            FormulaBuilder f = Formula.builder();
            f.out(search.equals(vectors, f));
            marks.add(f.build());
        }
        EqualElements inBlocks = new EqualElements(List.copyOf(marks), searches);
        return new Reduced<>(EqualCounts.of(vectors, searches), inBlocks.needs(), counted -> {
            counted.tell(searches);
            return new Reduced<>(inBlocks, Needs.NOTHING, found -> {
                for (int k = 0; k < searches.size(); k++) {
                    searches.get(k).found(found.index[k]);
                }
                return next.get();
            });
        });
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
        if (partial.first < 0) {
            partial.first = tile.first();
        }
        Operand scratch = tile.scratch().get(0);
        // The narrowest type that formulas are compiled for.
        Operand into = new Operand(DType.BF16, scratch.memory(), scratch.offset());
        for (int k = 0; k < marks.size(); k++) {
            RankSearch search = searches.get(k);
            if (!search.isIn(tile.first(), tile.count())) {
                continue;
            }
            long done = Math.max(0, search.first() - tile.first());
            Elements part = tile.slice(done, Math.min(tile.first() + tile.count(), search.end()) - tile.first() - done);
            tile.kernels()
                    .compute(
                            new Calculation(
                                    marks.get(k), part.sources(), Optional.of(into), part.first(), part.count()),
                            new double[0],
                            new long[0]);
            int count = Math.toIntExact(part.count());
            ByteBuffer bytes = into.memory().slice(into.offset(), Short.BYTES * count);
            partial.marked[k] = partial.marked[k] == null ? new BitSet() : partial.marked[k];
            mark(bytes, count, partial.marked[k], Math.toIntExact(part.first() - partial.first));
        }
        return partial;
    }

    /** Sets the bits of elements that are not 0, which are few. */
    private static void mark(ByteBuffer elements, int count, BitSet marked, int at) {
        int each = Long.BYTES / Short.BYTES;
        for (int i = 0; i < count; i += each) {
            int end = Math.min(i + each, count);
            if (end < i + each || elements.getLong(Short.BYTES * i) != 0) {
                for (int k = i; k < end; k++) {
                    if (elements.getShort(Short.BYTES * k) != 0) {
                        marked.set(at + k);
                    }
                }
            }
        }
    }

    @Override
    public Found merge(Found total, Found next) {
        for (int k = 0; k < marks.size(); k++) {
            long wanted = searches.get(k).wanted();
            if (total.index[k] >= 0 || next.marked[k] == null) {
                continue;
            }
            long count = next.marked[k].cardinality();
            if (total.counted[k] + count >= wanted) {
                int bit = -1;
                for (long n = total.counted[k]; n < wanted; n++) {
                    bit = next.marked[k].nextSetBit(bit + 1);
                }
                total.index[k] = next.first + bit;
            }
            total.counted[k] += count;
        }
        return total;
    }

    @Override
    public Needs needs() {
        return new Needs(1, DType.BF16.bits(), Long.MAX_VALUE);
    }
}
