package dev.stockpot.kernel;

import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.util.List;

/**
 * One run of elements to mix: {@code out[i] = round(sum over k of weight[k] * ingredient[k][i] / divisor)}, by the numbers
 * contract (docs/numbers.md).
 *
 * @param out where the result goes
 * @param sources one operand an ingredient, in ingredient order; at least one
 * @param elements how many elements
 * @param weights one an operand, or null for equal weights (a plain sum)
 * @param divisor what the sum is divided by, once, in the accumulator's type; 1 for no division
 */
public record Mix(Operand out, List<Operand> sources, long elements, double[] weights, double divisor) {
    /**
     * Elements in memory.
     *
     * @param dtype a float type
     * @param memory that holds them
     * @param offset of the first, in bytes; any alignment
     */
    public record Operand(DType dtype, Memory memory, long offset) {}

    /** Whether sums are kept in F64: where any ingredient is F32 or F64 (F32 otherwise). */
    public boolean accumulatesInF64() {
        return sources.stream().anyMatch(s -> s.dtype() == DType.F32 || s.dtype() == DType.F64);
    }
}
