package dev.stockpot.tensor;

import java.util.List;
import java.util.Objects;

/**
 * One tensor and where its values are: contiguous, row-major, little-endian.
 *
 * @param name as the checkpoint names it
 * @param dtype element type
 * @param shape sizes by dimension, all at least 0; empty for a scalar
 * @param source what holds the values
 * @param offset of the first byte in the source, at least 0
 * @param bytes length in bytes: what the elements of that shape take
 */
public record TensorInfo(String name, DType dtype, List<Long> shape, Source source, long offset, long bytes) {
    /** @throws IllegalArgumentException if the shape does not take that many bytes, or a size or the offset is negative */
    public TensorInfo {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(source, "source");
        shape = List.copyOf(shape);
        if (offset < 0 || bytes != dtype.bytes(TensorSpec.elements(shape))) {
            throw new IllegalArgumentException("tensor " + name + " of " + dtype + " " + shape + " should take "
                    + dtype.bytes(TensorSpec.elements(shape)) + " bytes from an offset of at least 0, but takes "
                    + bytes
                    + " from " + offset);
        }
    }

    /** The tensor that another source holds at the same place. */
    public TensorInfo in(Source other) {
        return new TensorInfo(name, dtype, shape, other, offset, bytes);
    }

    /** The same tensor under another name. */
    public TensorInfo named(String other) {
        return new TensorInfo(other, dtype, shape, source, offset, bytes);
    }

    /** What it is, without where it is. */
    public TensorSpec spec() {
        return new TensorSpec(name, dtype, shape);
    }

    /** The number of elements; 1 for a scalar. */
    public long elements() {
        return dtype.elements(bytes);
    }
}
