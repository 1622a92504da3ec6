package dev.stockpot.merge.method;

import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.engine.Tally;
import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Drop;
import dev.stockpot.kernel.Operand;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Step;
import dev.stockpot.merge.reduce.Reduced;
import dev.stockpot.tensor.DType;
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
            FormulaBuilder g = Formula.builder();
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
        return new Needs(tensor.models() + 1 + Drop.ROOM, DType.F64.bits(), 1 << 18, row);
    }

    /** A scratch vector of a tile, of a type as wide as F64 at most. */
    private static Operand scratch(Elements tile, int vector, DType dtype) {
        Operand scratch = tile.scratch().get(vector);
        return new Operand(dtype, scratch.memory(), scratch.offset());
    }

    private static Operand compute(Formula formula, Elements tile, Operand into) {
        Calculation work = new Calculation(formula, tile.sources(), Optional.of(into), tile.first(), tile.count());
        tile.kernels().onHost().compute(work, NO_SUMS, NO_COUNTS);
        return into;
    }

    /** A model's delta on a tile, in the accumulator's type and the model's scratch vector. */
    private Operand delta(Elements tile, int model) {
        List<DType> types = tile.sources().stream().map(Operand::dtype).toList();
        boolean inF64 = deltas.get(model).computesInF64(types);
        return compute(deltas.get(model), tile, scratch(tile, model, inF64 ? DType.F64 : DType.F32));
    }

    /**
     * Sets what is dropped of a delta's tile to 0; returns how many elements are kept.
     *
     * @param sums what the sums of magnitudes are added to, or none
     */
    private long drop(Operand delta, Elements tile, int model, double[] sums) {
        Operand random = compute(randoms.get(model), tile, scratch(tile, tensor.models(), DType.F32));
        List<Operand> room = new ArrayList<>();
        for (int k = 1; k <= Drop.ROOM; k++) {
            room.add(scratch(tile, tensor.models() + k, DType.F64));
        }
        double density = tensor.number("density", model);
        // All of them or none need no ranks.
        boolean ranked = density > 0 && density < 1;
        Drop drop = new Drop(
                delta,
                random,
                tile.count() / row,
                row,
                Math.max(0, Math.min(density, 1)),
                ranked ? tensor.number("epsilon", model) : 0,
                room);
        return tile.kernels().onHost().drop(drop, sums);
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
            double[] sums = new double[2];
            for (int k = 0; k < tensor.models(); k++) {
                System.arraycopy(partial, 2 * k, sums, 0, sums.length);
                drop(delta(tile, k), tile, k, sums);
                System.arraycopy(sums, 0, partial, 2 * k, sums.length);
            }
            return partial;
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
                kept[k] = drop(delta, in, k, NO_SUMS);
                sources.add(delta);
            }
            sources.add(in.sources().get(tensor.baseSource()));
            long[] counts = new long[combine.counts()];
            Calculation work = new Calculation(combine, sources, Optional.of(out), in.first(), in.count(), streamed);
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
