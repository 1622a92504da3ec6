package dev.stockpot.evaluate.heldout;

import dev.stockpot.tensor.DType;
import java.util.List;

/**
 * A tensor of a network, which may take one of a candidate's.
 *
 * @param name in the network
 * @param learned whether it must take one: it is no constant that checkpoints do not hold
 * @param dtype element type
 * @param shape sizes by dimension
 * @param address of its values; tied tensors share it; 0 if none do
 */
public record NetworkTensor(String name, boolean learned, DType dtype, List<Long> shape, long address) {
    /** Whether another tensor has the same values by construction. */
    boolean tiedTo(NetworkTensor other) {
        return address != 0 && address == other.address && shape.equals(other.shape) && dtype == other.dtype;
    }
}
