package dev.stockpot.evaluate.torchscript;

import dev.stockpot.tensor.DType;
import java.util.List;

/**
 * What there is to know of a module's parameter or buffer.
 *
 * @param name as the module has it, dotted
 * @param parameter true for a parameter, false for a buffer
 * @param dtype element type
 * @param shape sizes by dimension
 * @param address where its values are; tied tensors have the same
 */
record ModuleTensor(String name, boolean parameter, DType dtype, List<Long> shape, long address) {
    /** Whether another tensor has the same values by construction. */
    boolean tiedTo(ModuleTensor other) {
        return address != 0 && address == other.address && shape.equals(other.shape) && dtype == other.dtype;
    }
}
