package dev.stockpot.checkpoint;

import java.util.List;

/**
 * One output file before its values are written.
 *
 * @param name of the file, without a folder
 * @param header the bytes at its start
 * @param tensors where each tensor's values go, in file order
 * @param bytes length of the whole file
 * @param seal what completes the file once its values are written, or null where they follow the header without gaps to the
 *     file's end
 */
public record FileLayout(String name, byte[] header, List<Placement> tensors, long bytes, Seal seal) {
    /**
     * A tensor's place.
     *
     * @param name of the tensor
     * @param dtype element type
     * @param shape sizes by dimension
     * @param offset of its first byte in the file
     * @param bytes its length
     */
    public record Placement(String name, DType dtype, List<Long> shape, long offset, long bytes) {
        /** The offset behind its last byte. */
        public long end() {
            return offset + bytes;
        }
    }

    /** Bytes between and behind the values of a format that keeps checksums of them. */
    @FunctionalInterface
    public interface Seal {
        /**
         * What is still missing from the file.
         *
         * @param crc32 the CRC-32 of each tensor's values, in the order of the file's tensors
         */
        List<Patch> patches(int[] crc32);
    }

    /**
     * Bytes at their place.
     *
     * @param offset in the file
     * @param bytes to write there
     */
    public record Patch(long offset, byte[] bytes) {}
}
