package dev.stockpot.checkpoint.file;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.Source;
import dev.stockpot.tensor.TensorInfo;
import java.io.EOFException;
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
 * @param pieces what is known beforehand between and after the values. What neither they nor the seal write is zero; one of
 *     them, or a value, is at the file's end
 * @param seal what completes the file once its values are written, or null if nothing does
 */
public record FileLayout(
        String name, byte[] header, List<Placement> tensors, long bytes, List<Piece> pieces, Seal seal) {
    /** A file whose values follow the header without gaps to its end, or whose {@code seal} writes all else. */
    public FileLayout(String name, byte[] header, List<Placement> tensors, long bytes, Seal seal) {
        this(name, header, tensors, bytes, List.of(), seal);
    }

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

    /** Bytes that are no values. */
    public sealed interface Piece {
        /** Writes them. */
        void write(Sink sink) throws IOException;
    }

    /**
     * Bytes in memory.
     *
     * @param at offset in the output
     */
    public record Given(long at, byte[] content) implements Piece {
        @Override
        public void write(Sink sink) throws IOException {
            sink.write(at, ByteBuffer.wrap(content));
        }
    }

    /**
     * Bytes of another file.
     *
     * @param at offset in the output
     * @param source the file, in the version that was opened
     * @param from offset in it
     * @param bytes how many
     */
    public record Copied(long at, FileSource source, long from, long bytes) implements Piece {
        private static final int BLOCK = 1 << 20;

        @Override
        public void write(Sink sink) throws IOException {
            try (RandomFile in = RandomFile.open(source)) {
                ByteBuffer block = ByteBuffer.allocate((int) Math.min(BLOCK, bytes));
                for (long done = 0; done < bytes; done += block.limit()) {
                    block.clear().limit((int) Math.min(block.capacity(), bytes - done));
                    if (in.read(block, from + done) < 0) {
                        throw new EOFException(source + " shrank while it was being copied");
                    }
                    sink.write(at + done, block.flip());
                }
            }
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
