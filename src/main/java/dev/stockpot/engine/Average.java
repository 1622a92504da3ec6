package dev.stockpot.engine;

import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import java.util.Arrays;

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
    public boolean apply(Elements in, Operand out, boolean streamed) {
        return in.kernels().mix(new Mix(out, in.sources(), in.count(), weights, divisor, streamed));
    }

    @Override
    public boolean joinsTensors() {
        return true;
    }

    /** Whether it is the mean of {@code sources} values, so that of equal ones it is that value. */
    public boolean isMean(int sources) {
        double sum = sources;
        if (weights != null) {
            sum = 0;
            for (double weight : weights) {
                sum += weight;
            }
        }
        // Weights are given as shares too: thirds add up to 1 but for the last bits.
        return Math.abs(sum - divisor) <= Math.abs(divisor) * 0x1p-20;
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
