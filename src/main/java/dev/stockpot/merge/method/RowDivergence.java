package dev.stockpot.merge.method;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Operand;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * For each row the divergence sum p ln(p / q) of p = softmax(x) + 1e-8 from q = softmax(base) + 1e-8, in F64, element by
 * element. The softmax of a row needs its greatest element and its sum first, so a row is kept until its end.
 */
record RowDivergence(long rowLength) implements Reduction<RowDivergence.Rows>, OnHost {
    private static final double FLOOR = 1e-8;

    /** The divergences of whole rows, and the elements of the row that is not whole yet. */
    static final class Rows {
        private final List<Double> whole = new ArrayList<>();
        private double[] model;
        private double[] base;
        private int filled;
    }

    double[] finished(Rows rows) {
        return rows.whole.stream().mapToDouble(Double::doubleValue).toArray();
    }

    @Override
    public String part() {
        return "divergence of rows";
    }

    @Override
    public Rows zero() {
        return new Rows();
    }

    @Override
    public Rows add(Rows rows, Elements tile) {
        int count = Math.toIntExact(tile.count());
        ByteBuffer model = values(tile, 0, count);
        ByteBuffer base = values(tile, 1, count);
        if (rows.model == null) {
            rows.model = new double[Math.toIntExact(rowLength)];
            rows.base = new double[rows.model.length];
        }
        for (int i = 0; i < count; i++) {
            rows.model[rows.filled] = model.getDouble(i * Double.BYTES);
            rows.base[rows.filled] = base.getDouble(i * Double.BYTES);
            rows.filled++;
            if (rows.filled == rows.model.length) {
                rows.whole.add(divergence(rows.model, rows.base));
                rows.filled = 0;
            }
        }
        return rows;
    }

    private static ByteBuffer values(Elements tile, int source, int count) {
        FormulaBuilder f = Formula.builder();
        f.out(f.source(source));
        Operand scratch = tile.scratch().get(source);
        Operand into = new Operand(DType.F64, scratch.memory(), scratch.offset());
        tile.kernels()
                .onHost()
                .compute(
                        new Calculation(f.build(), tile.sources(), Optional.of(into), tile.first(), count),
                        new double[0],
                        new long[0]);
        return into.memory().slice(into.offset(), count * Double.BYTES);
    }

    private static double divergence(double[] x, double[] y) {
        double[] p = softmax(x);
        double[] q = softmax(y);
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum += p[i] * StrictMath.log(p[i] / q[i]);
        }
        return sum;
    }

    private static double[] softmax(double[] x) {
        double most = Double.NEGATIVE_INFINITY;
        for (double value : x) {
            most = Math.max(most, value);
        }
        double[] result = new double[x.length];
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            result[i] = StrictMath.exp(x[i] - most);
            sum += result[i];
        }
        for (int i = 0; i < x.length; i++) {
            result[i] = result[i] / sum + FLOOR;
        }
        return result;
    }

    @Override
    public Rows merge(Rows total, Rows next) {
        total.whole.addAll(next.whole);
        return total;
    }

    @Override
    public long grain() {
        return rowLength;
    }

    @Override
    public Needs needs() {
        return new Needs(2, DType.F64.bits(), 1 << 18);
    }
}
