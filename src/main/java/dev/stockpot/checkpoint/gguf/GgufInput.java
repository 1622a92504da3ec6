package dev.stockpot.checkpoint.gguf;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Numbers and texts of a header, one after another, in the file's byte order; no more of it than a window is in memory. */
final class GgufInput {
    private static final int WINDOW = 1 << 16;
    /** The specification's limit on keys, in bytes; names of tensors are shorter still. */
    static final int LONGEST_NAME = 0xFFFF;

    private final Path file;
    private final RandomFile in;
    private final long size;
    private final ByteBuffer window = ByteBuffer.allocate(WINDOW).limit(0);
    /** Where the window ends in the file. */
    private long read;

    GgufInput(Path file, RandomFile in) throws IOException {
        this.file = file;
        this.in = in;
        this.size = in.size();
    }

    void order(ByteOrder order) {
        window.order(order);
    }

    /** Where the next byte is in the file. */
    long position() {
        return read - window.remaining();
    }

    /** The bytes after it. */
    long left() {
        return size - position();
    }

    private ByteBuffer need(int bytes) throws IOException {
        if (window.remaining() < bytes) {
            if (left() < bytes) {
                throw damaged("ends within its header: it is truncated");
            }
            window.compact();
            while (window.position() < bytes) {
                int count = in.read(window, read);
                if (count < 0) {
                    throw new EOFException("it shrank");
                }
                read += count;
            }
            window.flip();
        }
        return window;
    }

    int u8() throws IOException {
        return need(1).get() & 0xFF;
    }

    short i16() throws IOException {
        return need(Short.BYTES).getShort();
    }

    int i32() throws IOException {
        return need(Integer.BYTES).getInt();
    }

    long i64() throws IOException {
        return need(Long.BYTES).getLong();
    }

    /** A number of things that take at least {@code each} bytes, all of which must be in the file. */
    long count(long each, String what) throws IOException {
        long count = i64();
        if (count < 0 || count > left() / each) {
            throw damaged("claims " + Long.toUnsignedString(count) + " " + what + ", more than it has bytes for");
        }
        return count;
    }

    /** A text that must not be longer than {@code most} bytes. */
    String text(long most, String what) throws IOException {
        long bytes = count(1, "bytes of " + what);
        if (bytes > most) {
            throw damaged("has " + what + " of " + bytes + " bytes, more than the " + most + " read");
        }
        return text(bytes);
    }

    /** A text of bytes that {@link #count} has found to be there. */
    String text(long bytes) throws IOException {
        byte[] text = new byte[(int) bytes];
        for (int done = 0; done < text.length; ) {
            int some = Math.min(text.length - done, WINDOW / 2);
            need(some).get(text, done, some);
            done += some;
        }
        return new String(text, StandardCharsets.UTF_8);
    }

    /** Passes over bytes that {@link #count} has found to be there. */
    void skip(long bytes) {
        long inWindow = Math.min(bytes, window.remaining());
        window.position(window.position() + (int) inWindow);
        if (bytes > inWindow) {
            window.position(window.limit());
            read += bytes - inWindow;
        }
    }

    CheckpointException damaged(String what) {
        return new CheckpointException(Reason.DAMAGED, file, what);
    }
}
