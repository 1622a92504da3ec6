package dev.stockpot.checkpoint.safetensors;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;

/**
 * The header of one safetensors file, validated as in the format's reference implementation
 * (huggingface/safetensors, "Format"), so that no later code checks again: 8 bytes of length, little-endian; a JSON
 * object of tensors; then their values, in offset order, without gaps, to the end of the file.
 *
 * @param metadata the free text under {@code __metadata__}; empty if there is none
 * @param tensors by name, in offset order
 * @param fileBytes length of the whole file
 */
record SafetensorsHeader(Map<String, String> metadata, TensorMap tensors, long fileBytes) {
    /** The reference implementation's limit on a header, in bytes. */
    static final int MAX_HEADER_BYTES = 100_000_000;

    /** Bytes of the length before the JSON. */
    static final int LENGTH_BYTES = 8;

    /** The most bytes of a header that one read takes. */
    private static final int CHUNK_BYTES = 1 << 20;

    /** A header with its bytes. */
    record Known(byte[] bytes, SafetensorsHeader header) {}

    /**
     * Reads and validates the header of {@code file}.
     *
     * @param before another file's header, reused if the bytes and the files' lengths are the same, as with fine-tunes of
     *     one model; or null
     * @throws CheckpointException if the file is not safetensors, or is damaged or truncated
     */
    static Known read(Path file, Known before) {
        try (RandomFile in = RandomFile.open(file)) {
            long size = in.size();
            if (size < LENGTH_BYTES) {
                throw new CheckpointException(
                        Reason.DAMAGED, file, "is " + size + " bytes long, too short for a safetensors header");
            }
            long length = ByteBuffer.wrap(read(in, 0, LENGTH_BYTES))
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .getLong();
            if (length < 0 || length > MAX_HEADER_BYTES) {
                throw new CheckpointException(
                        Reason.DAMAGED,
                        file,
                        "claims a header of " + Long.toUnsignedString(length) + " bytes, more than the format's "
                                + MAX_HEADER_BYTES);
            }
            if (length > size - LENGTH_BYTES) {
                throw new CheckpointException(
                        Reason.DAMAGED,
                        file,
                        "claims a header of " + length + " bytes but only " + (size - LENGTH_BYTES)
                                + " follow: it is truncated or not safetensors");
            }
            if (before != null
                    && before.header.fileBytes == size
                    && before.bytes.length == length
                    && isAt(in, LENGTH_BYTES, before.bytes)) {
                in.checkUnchanged();
                return new Known(before.bytes, before.header.in(in.source()));
            }
            byte[] header = read(in, LENGTH_BYTES, (int) length);
            in.checkUnchanged();
            return new Known(header, new HeaderParser(in.source(), header, size).parse());
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        } catch (OutOfMemoryError e) {
            // A file may choose a header of up to 100 MB; the memory that it took is garbage by now.
            throw new CheckpointException(
                    Reason.NO_MEMORY,
                    file,
                    "has a header too large for the Java heap",
                    Details.of().hint("give the JVM more, such as -Xmx1g").cause(e));
        }
    }

    /** The same header in another file. */
    private SafetensorsHeader in(FileSource file) {
        return new SafetensorsHeader(metadata, tensors.in(file), fileBytes);
    }

    private static byte[] read(RandomFile in, long offset, int length) throws IOException {
        byte[] bytes = new byte[length];
        inChunks(in, offset, length, (at, chunk) -> {
            chunk.get(bytes, at, chunk.remaining());
            return true;
        });
        return bytes;
    }

    /** Whether the file holds {@code bytes} at {@code offset}. */
    private static boolean isAt(RandomFile in, long offset, byte[] bytes) throws IOException {
        return inChunks(
                in, offset, bytes.length, (at, chunk) -> chunk.equals(ByteBuffer.wrap(bytes, at, chunk.remaining())));
    }

    /** Takes bytes that were read, which start {@code at} bytes into the range; returns whether to go on. */
    private interface Chunks {
        boolean take(int at, ByteBuffer chunk);
    }

    private static boolean inChunks(RandomFile in, long offset, int length, Chunks chunks) throws IOException {
        ByteBuffer chunk = ByteBuffer.allocate(Math.min(length, CHUNK_BYTES));
        int at = 0;
        while (at < length) {
            chunk.clear().limit(Math.min(length - at, CHUNK_BYTES));
            int count = in.read(chunk, offset + at);
            if (count < 0) {
                throw new IOException("it ends within its header");
            }
            if (!chunks.take(at, chunk.flip())) {
                return false;
            }
            at += count;
        }
        return true;
    }
}
