package dev.stockpot.engine;

import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import java.io.IOException;
import java.util.List;

/**
 * An elementwise operation: each element of the output depends on the sources' elements at the same index, and on that
 * index. A base is a source like any other. Implementations are values: equal ones do the same.
 */
public non-sealed interface Combination extends Operation {
    /**
     * Combines a stretch of elements.
     *
     * @param streamed whether the result is not read again soon
     * @param first the index of the first element in its tensor; undefined if tensors are {@link #joinsTensors joined}
     */
    void apply(Kernels kernels, Operand out, List<Operand> sources, long elements, long first, boolean streamed);

    /** Whether neighbouring tensors may be combined in one call, because an element's index in its tensor does not matter. */
    boolean joinsTensors();

    @Override
    default void perform(Performer performer) throws IOException {
        performer.combine(this);
    }
}
