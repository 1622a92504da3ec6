package dev.stockpot.engine;

import dev.stockpot.kernel.Operand;
import java.io.IOException;

/**
 * An elementwise operation: each element of the output depends on the sources' elements at the same index, and on that
 * index. A base is a source like any other. Implementations are values: equal ones do the same.
 */
public non-sealed interface Combination extends Operation {
    /**
     * Combines some elements into {@code out}.
     *
     * @param in their index in the tensor is undefined if tensors are {@link #joinsTensors joined}
     * @param streamed whether the result is not read again soon
     * @return whether all of the result are finite; an element is not if any of its sources is not
     */
    boolean apply(Elements in, Operand out, boolean streamed);

    /** What {@link #apply} needs. */
    default Needs needs() {
        return Needs.NOTHING;
    }

    /** Whether neighbouring tensors may be combined in one call, because an element's index in its tensor does not matter. */
    boolean joinsTensors();

    /** The same without what it counts as it goes, for elements that are made once more. */
    default Combination uncounted() {
        return this;
    }

    @Override
    default void perform(Performer performer) throws IOException {
        performer.combine(this);
    }
}
