package dev.stockpot.soup.mixture;

import dev.stockpot.tensor.TensorInfo;
import java.util.List;

/**
 * One tensor in every ingredient that has it; the first of them is the pattern for the others.
 *
 * @param ingredients their numbers, ascending
 * @param tensors their tensors, in the same order
 * @param oneType whether all are of one dtype
 */
public record Counterparts(List<Integer> ingredients, List<TensorInfo> tensors, boolean oneType) {
    public TensorInfo first() {
        return tensors.get(0);
    }

    /** Whether sums are formed in F32: if all dtypes have 16 bits or less. */
    boolean accumulatesInF32() {
        return oneType
                ? first().dtype().bits() <= 16
                : tensors.stream().allMatch(t -> t.dtype().bits() <= 16);
    }
}
