package dev.stockpot.engine;

import dev.stockpot.formula.Formula;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.Operand;
import java.util.Optional;

/** Elements that a formula makes of the sources'. */
public record Calculated(Formula formula) implements Combination {
    private static final double[] NO_SUMS = {};
    private static final long[] NO_COUNTS = {};

    @Override
    public boolean apply(Elements in, Operand out, boolean streamed) {
        Calculation work = new Calculation(formula, in.sources(), Optional.of(out), in.first(), in.count());
        return in.kernels().compute(work, NO_SUMS, NO_COUNTS);
    }

    @Override
    public boolean joinsTensors() {
        return !formula.usesIndex();
    }
}
