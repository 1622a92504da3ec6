package dev.stockpot.checkpoint.torch.pickle;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A pickle's bytes, read through a small buffer: a pickle is never whole in memory. */
public final class PickleInput {
    /** Text and bytes start with a buffer of at most this size, which doubles as they arrive: a length claims no memory. */
    private static final int PIECE = 1 << 16;

    private final InputStream in;
    private final long limit;
    private final byte[] buffer = new byte[1 << 13];
    private int at;
    private int end;
    private long filled;

    /** Reads at most {@code limit} bytes from {@code in}. */
    public PickleInput(InputStream in, long limit) {
        this.in = in;
        this.limit = limit;
    }

    /** Bytes read so far. */
    public long position() {
        return filled - (end - at);
    }

    int u8() throws IOException {
        if (at == end) {
            fill();
        }
        return buffer[at++] & 0xFF;
    }

    private void fill() throws IOException {
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, limit - filled));
        if (count <= 0) {
            throw new EOFException();
        }
        at = 0;
        end = count;
        filled += count;
    }

    int u16() throws IOException {
        return u8() | u8() << 8;
    }

    int i32() throws IOException {
        return u16() | u16() << 16;
    }

    long u32() throws IOException {
        return Integer.toUnsignedLong(i32());
    }

    long i64() throws IOException {
        return u32() | (long) i32() << 32;
    }

    double f64BigEndian() throws IOException {
        return Double.longBitsToDouble(Long.reverseBytes(i64()));
    }

    /** An integer in two's complement, little-endian. */
    BigInteger integer(int length) throws IOException {
        byte[] bytes = bytes(length);
        for (int k = 0; k < length / 2; k++) {
            byte low = bytes[k];
            bytes[k] = bytes[length - 1 - k];
            bytes[length - 1 - k] = low;
        }
        return length == 0 ? BigInteger.ZERO : new BigInteger(bytes);
    }

    /** UTF-8 text of {@code length} bytes. */
    String utf8(long length) throws IOException {
        return StandardCharsets.UTF_8
                .newDecoder()
                .decode(ByteBuffer.wrap(bytes(length)))
                .toString();
    }

    /** A line of ASCII, without its newline. */
    String line(int longest) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = u8(); c != '\n'; c = u8()) {
            if (line.length() == longest) {
                throw new IOException("a line is longer than " + longest + " bytes");
            }
            line.append((char) c);
        }
        return line.toString();
    }

    byte[] bytes(long length) throws IOException {
        if (length < 0 || length > limit - position() || length > Integer.MAX_VALUE - 8) {
            throw new EOFException();
        }
        byte[] bytes = new byte[(int) Math.min(length, PIECE)];
        int have = 0;
        while (true) {
            copy(bytes, have);
            have = bytes.length;
            if (have == length) {
                return bytes;
            }
            bytes = java.util.Arrays.copyOf(bytes, (int) Math.min(length, 2L * have));
        }
    }

    private void copy(byte[] into, int from) throws IOException {
        int have = from;
        while (have < into.length) {
            if (at == end) {
                fill();
            }
            int count = Math.min(end - at, into.length - have);
            System.arraycopy(buffer, at, into, have, count);
            at += count;
            have += count;
        }
    }

    void skip(long length) throws IOException {
        if (length < 0 || length > limit - position()) {
            throw new EOFException();
        }
        long left = length;
        while (left > 0) {
            if (at == end) {
                fill();
            }
            int count = (int) Math.min(end - at, left);
            at += count;
            left -= count;
        }
    }
}
