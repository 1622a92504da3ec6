package dev.stockpot.merge.method;

import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.engine.Tally;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Operand;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Reduced;
import dev.stockpot.merge.reduce.RowOrder;
import dev.stockpot.tensor.DType;
import java.nio.DoubleBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Deltas whose elements are dropped at random, the smaller ones of a row more often (Deep et al., "DELLA-Merging", arXiv
 * 2406.11617, section 3.1): an element of rank r by magnitude of the n in its row, from 0, is kept with the chance {@code
 * density - epsilon + 2 epsilon r / (n - 1)}. Ranks need whole rows, so tiles have whole rows.
 */
final class RankedDrop {
    /** The longest row: its ranks are found by sorting. */
    private static final long LONGEST = 1 << 22;

    private static final String PART = "ranks within rows";

    private static final double[] NO_SUMS = {};
    private static final long[] NO_COUNTS = {};

    /**
     * Makes a tensor's elements in a way that is no formula.
     *
     * @param how made for a tally of {@code counts} numbers
     * @param facts what the counts of the whole tensor tell
     */
    record Made(Function<Tally, Combination> how, int counts, Function<long[], List<Fact>> facts) implements Step {}

    /** Makes the output of sources that are the kept deltas, and the base. */
    @FunctionalInterface
    interface Combine {
        /** @param factors what makes up for the elements that are dropped */
        void of(double[] factors, Shares shares, FormulaBuilder f);
    }

    private final MergeTensor tensor;
    private final long key;
    private final int row;
    private final List<Formula> deltas = new ArrayList<>();
    private final List<Formula> randoms = new ArrayList<>();

    private RankedDrop(MergeTensor tensor) {
        this.tensor = tensor;
        this.key = Sparsifier.key(tensor.seed(), tensor.name());
        this.row = (int) tensor.rowLength();
        for (int k = 0; k < tensor.models(); k++) {
            FormulaBuilder f = Formula.builder();
            f.out(f.sub(f.source(k), f.source(tensor.baseSource())));
            deltas.add(f.build());
            FormulaBuilder g = Formula.builder().wide();
            g.out(g.random(key, k));
            randoms.add(g.build());
        }
    }

    /**
     * The steps.
     *
     * @param combine makes the output in F64
     * @throws IllegalArgumentException if a chance would not be between 0 and 1, or rows are too long
     */
    static Step step(MergeTensor tensor, Combine combine) {
        if (tensor.rowLength() > LONGEST) {
            throw new IllegalArgumentException("tensor " + tensor.name() + " has rows of " + tensor.rowLength()
                    + " elements: ranks are found in rows of at most " + LONGEST);
        }
        for (int k = 0; k < tensor.models(); k++) {
            double density = tensor.number("density", k);
            double epsilon = tensor.number("epsilon", k);
            if (density > 0 && density < 1 && (density - epsilon <= 0 || density + epsilon >= 1)) {
                throw new IllegalArgumentException(
                        "density - epsilon and density + epsilon should be between 0 and 1 but" + " got " + density
                                + " and " + epsilon);
            }
        }
        RankedDrop drop = new RankedDrop(tensor);
        double[] factors = TaskArithmetic.byDensity(tensor);
        if (!TaskArithmetic.rescalesBySum(tensor)) {
            return drop.made(factors, combine);
        }
        return new Reduced<>(drop.new Magnitudes(), drop.needs(), sums -> {
            for (int k = 0; k < factors.length; k++) {
                factors[k] = TaskArithmetic.bySum(sums[2 * k], sums[2 * k + 1]);
            }
            return drop.made(factors, combine);
        });
    }

    private Step made(double[] factors, Combine combine) {
        FormulaBuilder f = Formula.builder();
        Shares shares = new Shares(f, tensor);
        combine.of(factors, shares, f);
        Formula formula = f.build();
        int own = formula.counts();
        Step made = new Made(tally -> new Kept(formula, Optional.of(tally)), own + tensor.models(), counts -> {
            List<Double> kept = new ArrayList<>();
            for (int k = 0; k < tensor.models(); k++) {
                kept.add(Shares.ratio(counts[own + k], tensor.elements()));
            }
            List<Fact> facts = new ArrayList<>(List.of(new Fact.ByModel(Shares.KEPT, kept)));
            facts.addAll(shares.facts(counts));
            return facts;
        });
        return TaskArithmetic.told(tensor, factors, made);
    }

    private Needs needs() {
        return new Needs(tensor.models() + 1, DType.F64.bits(), 1 << 18, row);
    }

    /** A model's delta on a tile, in the model's scratch vector. */
    private Operand delta(Elements tile, int model) {
        Operand scratch = tile.scratch().get(model);
        Operand into = new Operand(DType.F64, scratch.memory(), scratch.offset());
        Calculation work =
                new Calculation(deltas.get(model), tile.sources(), Optional.of(into), tile.first(), tile.count());
        tile.kernels().onHost().compute(work, NO_SUMS, NO_COUNTS);
        return into;
    }

    private static DoubleBuffer values(Operand operand, long count) {
        return operand.memory()
                .slice(operand.offset(), Math.toIntExact(count * Double.BYTES))
                .asDoubleBuffer();
    }

    /** A tile's random numbers for a model, in the scratch vector after the models' deltas. */
    private DoubleBuffer randoms(Elements tile, int model) {
        Operand scratch = tile.scratch().get(tensor.models());
        Operand into = new Operand(DType.F64, scratch.memory(), scratch.offset());
        Calculation work =
                new Calculation(randoms.get(model), List.of(), Optional.of(into), tile.first(), tile.count());
        tile.kernels().onHost().compute(work, NO_SUMS, NO_COUNTS);
        return values(into, tile.count());
    }

    /** Sets what is dropped of a delta's tile to 0; returns how many elements are kept. */
    private long drop(DoubleBuffer delta, Elements tile, int model) {
        double density = tensor.number("density", model);
        double epsilon = tensor.number("epsilon", model);
        long kept = delta.capacity();
        if (density >= 1) {
            return kept;
        }
        DoubleBuffer random = randoms(tile, model);
        RowOrder order = new RowOrder(row);
        for (int from = 0; from < delta.capacity(); from += row) {
            order.order(delta, from);
            for (int rank = 0; rank < row; rank++) {
                int i = from + order.at(rank);
                double share = row == 1 ? 0.5 : rank / (row - 1.0);
                double chance = density <= 0 ? 0 : density - epsilon + 2 * epsilon * share;
                // What is not finite is no element to leave out without a word.
                if (random.get(i) >= chance && Double.isFinite(delta.get(i))) {
                    delta.put(i, 0);
                    kept--;
                }
            }
        }
        return kept;
    }

    /** For each model the sums of its delta's magnitudes, before and after dropping: rows in order, in F64. */
    private final class Magnitudes implements Reduction<double[]>, OnHost {
        @Override
        public String part() {
            return PART;
        }

        @Override
        public double[] zero() {
            return new double[2 * tensor.models()];
        }

        @Override
        public double[] add(double[] partial, Elements tile) {
            for (int k = 0; k < tensor.models(); k++) {
                DoubleBuffer delta = values(delta(tile, k), tile.count());
                partial[2 * k] = sum(partial[2 * k], delta);
                drop(delta, tile, k);
                partial[2 * k + 1] = sum(partial[2 * k + 1], delta);
            }
            return partial;
        }

        private static double sum(double before, DoubleBuffer values) {
            double sum = before;
            for (int i = 0; i < values.capacity(); i++) {
                sum += Math.abs(values.get(i));
            }
            return sum;
        }

        @Override
        public double[] merge(double[] total, double[] next) {
            for (int k = 0; k < total.length; k++) {
                total[k] += next[k];
            }
            return total;
        }

        @Override
        public long grain() {
            return row;
        }

        @Override
        public Needs needs() {
            return RankedDrop.this.needs();
        }
    }

    /** What a formula makes of the kept deltas. */
    private final class Kept implements Combination, OnHost {
        private final Formula combine;
        private final Optional<Tally> tally;

        Kept(Formula combine, Optional<Tally> tally) {
            this.combine = combine;
            this.tally = tally;
        }

        @Override
        public String part() {
            return PART;
        }

        @Override
        public boolean apply(Elements in, Operand out, boolean streamed) {
            List<Operand> sources = new ArrayList<>();
            long[] kept = new long[tensor.models()];
            for (int k = 0; k < kept.length; k++) {
                Operand delta = delta(in, k);
                kept[k] = drop(values(delta, in.count()), in, k);
                sources.add(delta);
            }
            sources.add(in.sources().get(tensor.baseSource()));
            long[] counts = new long[combine.counts()];
            Calculation work = new Calculation(combine, sources, Optional.of(out), in.first(), in.count());
            boolean finite = in.kernels().onHost().compute(work, NO_SUMS, counts);
            if (tally.isPresent()) {
                long[] all = Arrays.copyOf(counts, counts.length + kept.length);
                System.arraycopy(kept, 0, all, counts.length, kept.length);
                tally.get().add(all, in.count());
            }
            return finite;
        }

        @Override
        public Combination uncounted() {
            return new Kept(combine, Optional.empty());
        }

        @Override
        public Needs needs() {
            return RankedDrop.this.needs();
        }

        @Override
        public boolean joinsTensors() {
            return false;
        }
    }
}
