package dev.stockpot.evaluate.torchscript;

import dev.stockpot.tensor.DType;
import java.util.List;

/**
 * A module's parameter or buffer.
 *
 * @param name in the module, dotted
 * @param parameter true for a parameter, false for a buffer
 * @param dtype element type
 * @param shape sizes by dimension
 * @param address of its values; tied tensors share it
 */
record ModuleTensor(String name, boolean parameter, DType dtype, List<Long> shape, long address) {
    /** Whether another tensor has the same values by construction. */
    boolean tiedTo(ModuleTensor other) {
        return address != 0 && address == other.address && shape.equals(other.shape) && dtype == other.dtype;
    }
}
