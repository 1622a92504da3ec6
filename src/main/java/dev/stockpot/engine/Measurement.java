package dev.stockpot.engine;

import dev.stockpot.formula.Formula;
import dev.stockpot.kernel.Calculation;
import java.util.Optional;

/** The sums and counts that a formula forms of a tensor's elements. */
public record Measurement(Formula formula) implements Reduction<Measurement.Totals> {
    /** Sums and counts, by their places in the formula. */
    public record Totals(double[] sums, long[] counts) {}

    @Override
    public Totals zero() {
        return new Totals(new double[formula.sums()], new long[formula.counts()]);
    }

    @Override
    public Totals add(Totals partial, Elements tile) {
        Calculation work = new Calculation(formula, tile.sources(), Optional.empty(), tile.first(), tile.count());
        tile.kernels().compute(work, partial.sums, partial.counts);
        return partial;
    }

    @Override
    public Totals merge(Totals total, Totals next) {
        for (int k = 0; k < total.sums.length; k++) {
            total.sums[k] += next.sums[k];
        }
        for (int k = 0; k < total.counts.length; k++) {
            total.counts[k] += next.counts[k];
        }
        return total;
    }
}
