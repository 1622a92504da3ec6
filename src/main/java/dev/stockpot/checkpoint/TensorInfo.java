package dev.stockpot.checkpoint;

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
 * @param bytes length in bytes
 */
public record TensorInfo(String name, DType dtype, List<Long> shape, Path file, long offset, long bytes) {
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /** The number of elements; 1 for a scalar. */
    public long elements() {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }
}
