package dev.stockpot.tensor;

import java.util.List;

/**
 * A tensor that is still to be written.
 *
 * @param name of the tensor
 * @param dtype element type
 * @param shape sizes by dimension, all at least 0; empty for a scalar
 */
public record TensorSpec(String name, DType dtype, List<Long> shape) {
    /** The number of elements; 1 for a scalar. */
    public long elements() {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }

    /** Length of its values in bytes. */
    public long bytes() {
        return dtype.bytes(elements());
    }
}
