package dev.stockpot.merge.method;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Operand;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Reduced;
import dev.stockpot.tensor.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The inner products of the models' columns, or of their deltas', with each other: of the vectors along the first dimension.
 * A chunk's rows are added in order, in F64.
 */
record ColumnProducts(List<Formula> vectors, int columns) implements Reduction<double[][]>, OnHost {
    /** More would take more memory than a run should. */
    private static final long MOST = 1 << 20;

    static Step step(int models, boolean base, long columns, Function<List<double[]>, Step> next) {
        if (columns > MOST) {
            throw new IllegalArgumentException(
                    "a tensor of " + columns + " columns cannot be merged by column: " + MOST + " are the most");
        }
        List<Formula> vectors = new ArrayList<>();
        for (int k = 0; k < models; k++) {
            FormulaBuilder f = Formula.builder();
            f.out(base ? f.sub(f.source(k), f.source(models)) : f.source(k));
            vectors.add(f.build());
        }
        ColumnProducts products = new ColumnProducts(List.copyOf(vectors), (int) columns);
        return new Reduced<>(products, Needs.NOTHING, totals -> next.apply(byColumn(totals)));
    }

    private static List<double[]> byColumn(double[][] totals) {
        List<double[]> all = new ArrayList<>();
        for (int c = 0; c < totals[0].length; c++) {
            double[] products = new double[totals.length];
            for (int p = 0; p < products.length; p++) {
                products[p] = totals[p][c];
            }
            all.add(products);
        }
        return all;
    }

    @Override
    public String part() {
        return "sums by column";
    }

    @Override
    public double[][] zero() {
        return new double[vectors.size() * (vectors.size() + 1) / 2][columns];
    }

    @Override
    public double[][] add(double[][] partial, Elements tile) {
        List<double[]> values = new ArrayList<>();
        for (int k = 0; k < vectors.size(); k++) {
            values.add(values(tile, k));
        }
        int p = 0;
        for (int i = 0; i < vectors.size(); i++) {
            for (int j = i; j < vectors.size(); j++) {
                add(partial[p++], values.get(i), values.get(j), (int) (tile.first() % columns));
            }
        }
        return partial;
    }

    private double[] values(Elements tile, int vector) {
        double[] values = new double[Math.toIntExact(tile.count())];
        Operand scratch = tile.scratch().get(vector);
        Operand into = new Operand(DType.F64, scratch.memory(), scratch.offset());
        Calculation work =
                new Calculation(vectors.get(vector), tile.sources(), Optional.of(into), tile.first(), values.length);
        tile.kernels().onHost().compute(work, new double[0], new long[0]);
        into.memory()
                .slice(into.offset(), values.length * Double.BYTES)
                .asDoubleBuffer()
                .get(values);
        return values;
    }

    /** Row by row, the first of which may begin in any column. */
    private static void add(double[] sums, double[] x, double[] y, int firstColumn) {
        int column = firstColumn;
        for (int from = 0; from < x.length; column = 0) {
            int count = Math.min(sums.length - column, x.length - from);
            for (int i = 0; i < count; i++) {
                sums[column + i] += x[from + i] * y[from + i];
            }
            from += count;
        }
    }

    @Override
    public double[][] merge(double[][] total, double[][] next) {
        for (int p = 0; p < total.length; p++) {
            for (int c = 0; c < columns; c++) {
                total[p][c] += next[p][c];
            }
        }
        return total;
    }

    @Override
    public Needs needs() {
        return new Needs(vectors.size(), DType.F64.bits(), 1 << 18);
    }
}
