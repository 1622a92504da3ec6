package dev.stockpot.soup;

import dev.stockpot.checkpoint.TensorInfo;
import java.util.List;

/**
 * One tensor in every ingredient that has it; the first of them is the pattern for the others.
 *
 * @param ingredients their numbers, ascending
 * @param tensors theirs, in the same order
 * @param oneType whether all are of one dtype
 */
record Counterparts(List<Integer> ingredients, List<TensorInfo> tensors, boolean oneType) {
    TensorInfo first() {
        return tensors.get(0);
    }
}
