package dev.stockpot.engine;

import dev.stockpot.formula.Formula;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Operand;
import java.util.Optional;

/**
 * Elements that a formula makes of the sources'.
 *
 * @param tally receives the formula's counts
 */
public record Calculated(Formula formula, Optional<Tally> tally) implements Combination {
    private static final double[] NO_SUMS = {};

    /** A formula whose counts, if it forms any, nobody wants. */
    public Calculated(Formula formula) {
        this(formula, Optional.empty());
    }

    @Override
    public boolean apply(Elements in, Operand out, boolean streamed) {
        Calculation work = new Calculation(formula, in.sources(), Optional.of(out), in.first(), in.count(), streamed);
        long[] counts = new long[formula.counts()];
        boolean finite = in.kernels().compute(work, NO_SUMS, counts);
        tally.ifPresent(all -> all.add(counts, in.count()));
        return finite;
    }

    @Override
    public boolean joinsTensors() {
        return !formula.usesIndex() && tally.isEmpty();
    }

    @Override
    public Combination uncounted() {
        return new Calculated(formula);
    }
}
