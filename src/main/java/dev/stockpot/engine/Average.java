package dev.stockpot.engine;

import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import java.util.Arrays;
import java.util.List;

/**
 * The weighted sum of the sources, divided by a number, as the numbers contract (docs/numbers.md) defines it.
 *
 * @param weights one per source, or null for a plain sum
 * @param divisor what the sum is divided by; 1 for no division
 */
public record Average(double[] weights, double divisor) implements Combination {
    /** A plain sum without division; of one source, its values in another type. */
    public static final Average SUM = new Average(null, 1);

    @Override
    public void apply(
            Kernels kernels, Operand out, List<Operand> sources, long elements, long first, boolean streamed) {
        kernels.mix(new Mix(out, sources, elements, weights, divisor, streamed));
    }

    @Override
    public boolean joinsTensors() {
        return true;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Average a
                && Arrays.equals(weights, a.weights)
                && Double.compare(divisor, a.divisor) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * Arrays.hashCode(weights) + Double.hashCode(divisor);
    }
}
