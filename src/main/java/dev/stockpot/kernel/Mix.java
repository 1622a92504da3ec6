package dev.stockpot.kernel;

import dev.stockpot.tensor.DType;
import java.util.List;

/**
 * A stretch of elements to mix: {@code out[i] = round(sum over k of weight[k] * ingredient[k][i] / divisor)}, by the numbers
 * contract (docs/numbers.md).
 *
 * @param out where the result goes
 * @param sources one operand per ingredient, in ingredient order; at least one
 * @param elements how many elements
 * @param weights one per operand, or null for equal weights (a plain sum)
 * @param divisor what the sum is divided by, once, in the accumulator's type; 1 for no division
 * @param streamed whether the result is not read again soon, so that it is best stored past the caches
 */
public record Mix(
        Operand out, List<Operand> sources, long elements, double[] weights, double divisor, boolean streamed) {
    /** A mix whose result is read, or written to its file, at once. */
    public Mix(Operand out, List<Operand> sources, long elements, double[] weights, double divisor) {
        this(out, sources, elements, weights, divisor, false);
    }

    /** Whether sums are kept in F64: if any ingredient is F32 or F64 (F32 otherwise). */
    public boolean accumulatesInF64() {
        return sources.stream().anyMatch(s -> s.dtype() == DType.F32 || s.dtype() == DType.F64);
    }
}
