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
 * The index of the n-th element with a pattern, for several patterns. Each chunk marks its elements in a set of bits, which is
 * dropped when the chunks before it are counted.
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
        return new Reduced<>(new EqualElements(List.copyOf(marks), searches), Needs.NOTHING, found -> {
            for (int k = 0; k < searches.size(); k++) {
                searches.get(k).found(found.index[k]);
            }
            return next.get();
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
        int count = Math.toIntExact(tile.count());
        int at = Math.toIntExact(tile.first() - partial.first);
        Operand scratch = tile.scratch().get(0);
        // The narrowest type that holds 1 and 0.
        Operand into = new Operand(DType.F8_E5M2, scratch.memory(), scratch.offset());
        for (int k = 0; k < marks.size(); k++) {
            if (!searches.get(k).isIn(tile.first(), count)) {
                continue;
            }
            tile.kernels()
                    .compute(
                            new Calculation(marks.get(k), tile.sources(), Optional.of(into), tile.first(), count),
                            new double[0],
                            new long[0]);
            ByteBuffer bytes = into.memory().slice(into.offset(), count);
            partial.marked[k] = partial.marked[k] == null ? new BitSet() : partial.marked[k];
            mark(bytes, count, partial.marked[k], at);
        }
        return partial;
    }

    /** Sets the bits of bytes that are not 0, which are few. */
    private static void mark(ByteBuffer bytes, int count, BitSet marked, int at) {
        int i = 0;
        for (; i + Long.BYTES <= count; i += Long.BYTES) {
            if (bytes.getLong(i) != 0) {
                for (int k = i; k < i + Long.BYTES; k++) {
                    if (bytes.get(k) != 0) {
                        marked.set(at + k);
                    }
                }
            }
        }
        for (; i < count; i++) {
            if (bytes.get(i) != 0) {
                marked.set(at + i);
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
        return new Needs(1, 8, Long.MAX_VALUE);
    }
}
