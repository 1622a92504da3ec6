package dev.stockpot.merge.method;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Operand;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Reduced;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A formula's sums over each row: in blocks that begin with the row, and with each block of the chunk that it is in. */
record RowSums(Formula formula, long rowLength) implements Reduction<List<double[]>>, OnHost {
    static Step step(Formula formula, long rowLength, Function<List<double[]>, Step> next) {
        return new Reduced<>(new RowSums(formula, rowLength), Needs.NOTHING, next);
    }

    @Override
    public String part() {
        return "sums by row";
    }

    @Override
    public List<double[]> zero() {
        return new ArrayList<>();
    }

    @Override
    public List<double[]> add(List<double[]> partial, Elements tile) {
        long done = 0;
        while (done < tile.count()) {
            long index = tile.first() + done;
            long inRow = index % rowLength;
            // Tiles end between blocks, so sums that end there anyway do not depend on tiles.
            long inBlock = Math.min(Dot.BLOCK - done % Dot.BLOCK, tile.count() - done);
            long count = Math.min(rowLength - inRow, inBlock);
            if (inRow == 0) {
                partial.add(new double[formula.sums()]);
            }
            double[] sums = partial.get(partial.size() - 1);
            List<Operand> sources = from(tile.sources(), done);
            Calculation work = new Calculation(formula, sources, Optional.empty(), index, count);
            tile.kernels().onHost().compute(work, sums, new long[0]);
            done += count;
        }
        return partial;
    }

    private static List<Operand> from(List<Operand> sources, long element) {
        List<Operand> moved = new ArrayList<>(sources.size());
        for (Operand source : sources) {
            moved.add(new Operand(
                    source.dtype(),
                    source.memory(),
                    source.offset() + source.dtype().bytes(element)));
        }
        return moved;
    }

    @Override
    public List<double[]> merge(List<double[]> total, List<double[]> next) {
        total.addAll(next);
        return total;
    }

    @Override
    public long grain() {
        return rowLength;
    }
}
