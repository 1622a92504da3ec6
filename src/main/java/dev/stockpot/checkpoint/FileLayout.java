package dev.stockpot.checkpoint;

import java.util.List;

/**
 * One output file before its values are written.
 *
 * @param name of the file, without a folder
 * @param header the bytes at its start
 * @param tensors where each tensor's values go, in file order and without gaps behind the header
 * @param bytes length of the whole file
 */
public record FileLayout(String name, byte[] header, List<Placement> tensors, long bytes) {
    /**
     * A tensor's place.
     *
     * @param name of the tensor
     * @param dtype element type
     * @param shape sizes by dimension
     * @param offset of its first byte in the file
     * @param bytes its length
     */
    public record Placement(String name, DType dtype, List<Long> shape, long offset, long bytes) {}
}
