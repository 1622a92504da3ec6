package dev.stockpot.engine;

import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import java.util.List;

/**
 * Consecutive elements of a tensor, in memory.
 *
 * @param kernels to work with
 * @param sources the elements in each source
 * @param first the index of the first in the tensor
 * @param count how many there are
 * @param scratch at least as many vectors as the work {@link Needs#vectors needs}, each with room for {@code count} elements
 *     of the widest type among the sources, the output and what the work needs; their contents are undefined
 */
public record Elements(Kernels kernels, List<Operand> sources, long first, long count, List<Operand> scratch) {
    /** Some of them: {@code length} from the one at {@code from} on. Scratch vectors are the same. */
    public Elements slice(long from, long length) {
        List<Operand> parts = sources.stream().map(source -> source.from(from)).toList();
        return new Elements(kernels, parts, first + from, length, scratch);
    }
}
