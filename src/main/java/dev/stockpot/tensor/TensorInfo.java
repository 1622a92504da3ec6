package dev.stockpot.tensor;

import java.nio.file.Path;
import java.util.List;

/**
 * One tensor of a checkpoint and where its values lie: contiguous, row-major, little-endian.
 *
 * @param name as the checkpoint names it
 * @param dtype element type
 * @param shape sizes by dimension, all at least 0; empty for a scalar
 * @param file the file that holds the values
 * @param offset of the first byte in that file
 * @param bytes length in bytes: what the elements of that shape take
 */
public record TensorInfo(String name, DType dtype, List<Long> shape, Path file, long offset, long bytes) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** What lies at the same place of another file. */
    public TensorInfo in(Path other) {
        return new TensorInfo(name, dtype, shape, other, offset, bytes);
    }

    /** The same bytes, each an element. */
    public TensorInfo asBytes() {
        return new TensorInfo(name, DType.U8, List.of(bytes), file, offset, bytes);
    }

    /** Whether {@code other} is of the same type and shape and at the same offset, in whatever file; not where it is null. */
    public boolean liesAs(TensorInfo other) {
        return other != null && offset == other.offset && dtype == other.dtype && shape.equals(other.shape);
    }

    /** The number of elements; 1 for a scalar. */
    public long elements() {
        return dtype.elements(bytes);
    }
}
