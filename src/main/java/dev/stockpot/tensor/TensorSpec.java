package dev.stockpot.tensor;

import java.util.List;
import java.util.Objects;

/**
 * What a tensor is, wherever its values are.
 *
 * @param name of the tensor
 * @param dtype element type
 * @param shape sizes by dimension, all at least 0; empty for a scalar
 */
public record TensorSpec(String name, DType dtype, List<Long> shape) {
    public TensorSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(dtype, "dtype");
        shape = List.copyOf(shape);
    }

    /**
     * The number of elements; 1 for a scalar.
     *
     * @throws ArithmeticException if it is more than a {@code long} holds
     */
    public long elements() {
        return elements(shape);
    }

    /** Length of its values in bytes. */
    public long bytes() {
        return dtype.bytes(elements());
    }

    static long elements(List<Long> shape) {
        long elements = 1;
        for (long size : shape) {
            if (size < 0) {
                throw new IllegalArgumentException("sizes should be at least 0 but are " + shape);
            }
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }
}
