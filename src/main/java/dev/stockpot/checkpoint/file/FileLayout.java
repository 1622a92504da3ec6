package dev.stockpot.checkpoint.file;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * One output file before its values are written.
 *
 * @param name of the file, without a folder
 * @param header the bytes at its start
 * @param tensors where each tensor's values go, in file order
 * @param bytes length of the whole file
 * @param seal what completes the file once its values are written, or null if they follow the header without gaps to the
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
        /** The tensor, once it is written to {@code source}. */
        public TensorInfo in(Source source) {
            return new TensorInfo(name, dtype, shape, source, offset, bytes);
        }

        /** The offset after its last byte. */
        public long end() {
            return offset + bytes;
        }
    }

    /** What completes a file of a format that keeps checksums of its values. */
    @FunctionalInterface
    public interface Seal {
        /**
         * Writes what is still missing between and after the values.
         *
         * @param crc32 the CRC-32 of each tensor's values, in the order of the file's tensors
         */
        void write(int[] crc32, Sink sink) throws IOException;
    }

    /** Writes bytes at a place in the file. */
    @FunctionalInterface
    public interface Sink {
        /** Writes all of {@code bytes} at {@code offset} of the file. */
        void write(long offset, ByteBuffer bytes) throws IOException;
    }
}
