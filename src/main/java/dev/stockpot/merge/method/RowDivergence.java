package dev.stockpot.merge.method;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Divergence;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Operand;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Reduced;
import dev.stockpot.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * The divergence of each row of a model from the base's: of its softmax, for which the row's largest element and its sum are
 * known first. Rows of up to a chunk are whole in a tile, which takes one reduction; of longer ones, there is one for each
 * step.
 */
final class RowDivergence {
    private static final Formula MODEL = widened(0);
    private static final Formula BASE = widened(1);

    private RowDivergence() {}

    private static Formula widened(int source) {
        FormulaBuilder f = Formula.builder();
        f.out(f.source(source));
        return f.build();
    }

    /** How many reductions the rows take. */
    static int passes(long rowLength) {
        return rowLength <= Dot.CHUNK ? 1 : Divergence.Step.values().length;
    }

    /** @param next what follows from the divergences of all rows */
    static Step step(long rowLength, Function<double[], Step> next) {
        if (rowLength <= Dot.CHUNK) {
            return new Reduced<>(new Whole((int) rowLength), Needs.NOTHING, rows -> next.apply(rows.all()));
        }
        return inParts(rowLength, 0, List.of(), next);
    }

    private static Step inParts(long rowLength, int step, List<double[]> states, Function<double[], Step> next) {
        Divergence.Step[] steps = Divergence.Step.values();
        if (step == steps.length) {
            return next.apply(
                    states.stream().mapToDouble(s -> s[Divergence.RESULT]).toArray());
        }
        Parts parts = new Parts(rowLength, EnumSet.of(steps[step]), states);
        return new Reduced<>(parts, parts.needs(), after -> inParts(rowLength, step + 1, after, next));
    }

    private static void add(Elements tile, long rows, int length, Set<Divergence.Step> steps, double[] states) {
        Operand model = values(MODEL, tile, 0);
        Operand base = values(BASE, tile, 1);
        tile.kernels().onHost().divergence(new Divergence(model, base, rows, length, steps), states);
    }

    private static Operand values(Formula formula, Elements tile, int vector) {
        Operand scratch = tile.scratch().get(vector);
        Operand into = new Operand(DType.F64, scratch.memory(), scratch.offset());
        Calculation work = new Calculation(formula, tile.sources(), Optional.of(into), tile.first(), tile.count());
        tile.kernels().onHost().compute(work, new double[0], new long[0]);
        return into;
    }

    /** Common to both. */
    private abstract static class Rows<P> implements Reduction<P>, OnHost {
        private final long rowLength;

        Rows(long rowLength) {
            this.rowLength = rowLength;
        }

        @Override
        public String part() {
            return "divergence of rows";
        }

        @Override
        public long grain() {
            return rowLength;
        }
    }

    /** Divergences that more are added to. */
    private static final class Numbers {
        private double[] numbers = new double[0];
        private int count;

        void add(double[] more, int from, int step) {
            int added = (more.length - from + step - 1) / step;
            if (count + added > numbers.length) {
                numbers = Arrays.copyOf(numbers, Math.max(count + added, 2 * count));
            }
            for (int i = from; i < more.length; i += step) {
                numbers[count++] = more[i];
            }
        }

        double[] all() {
            return Arrays.copyOf(numbers, count);
        }
    }

    private static final class Whole extends Rows<Numbers> {
        private final int length;

        Whole(int length) {
            super(length);
            this.length = length;
        }

        @Override
        public Numbers zero() {
            return new Numbers();
        }

        @Override
        public Numbers add(Numbers partial, Elements tile) {
            int rows = (int) (tile.count() / length);
            double[] states = Divergence.start(rows);
            RowDivergence.add(tile, rows, length, EnumSet.allOf(Divergence.Step.class), states);
            partial.add(states, Divergence.RESULT, Divergence.STATE);
            return partial;
        }

        @Override
        public Numbers merge(Numbers total, Numbers next) {
            total.add(next.all(), 0, 1);
            return total;
        }

        @Override
        public Needs needs() {
            return new Needs(2, DType.F64.bits(), 1 << 18, length);
        }
    }

    private static final class Parts extends Rows<List<double[]>> {
        private final long rowLength;
        private final Set<Divergence.Step> steps;
        private final List<double[]> before;

        Parts(long rowLength, Set<Divergence.Step> steps, List<double[]> before) {
            super(rowLength);
            this.rowLength = rowLength;
            this.steps = steps;
            this.before = before;
        }

        @Override
        public List<double[]> zero() {
            return new ArrayList<>();
        }

        @Override
        public List<double[]> add(List<double[]> partial, Elements tile) {
            if (tile.first() % rowLength == 0) {
                int row = (int) (tile.first() / rowLength);
                partial.add(
                        before.isEmpty() ? Divergence.start(1) : before.get(row).clone());
            }
            RowDivergence.add(tile, 1, (int) tile.count(), steps, partial.get(partial.size() - 1));
            return partial;
        }

        @Override
        public List<double[]> merge(List<double[]> total, List<double[]> next) {
            total.addAll(next);
            return total;
        }

        @Override
        public Needs needs() {
            return new Needs(2, DType.F64.bits(), 1 << 18);
        }
    }
}
