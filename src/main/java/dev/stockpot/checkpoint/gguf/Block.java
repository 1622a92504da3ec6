package dev.stockpot.checkpoint.gguf;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The bytes of some blocks, of which one is being decoded. Its half-precision numbers have the file's byte order. */
final class Block {
    private final byte[] bytes;
    private final boolean bigEndian;
    private final ByteBuffer half = ByteBuffer.allocate(Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private int start;

    Block(byte[] bytes, boolean bigEndian) {
        this.bytes = bytes;
        this.bigEndian = bigEndian;
    }

    /** Moves to the block that begins at {@code at}. */
    void moveTo(int at) {
        start = at;
    }

    /** The byte at {@code at} of the block, from 0 to 255. */
    int at(int at) {
        return bytes[start + at] & 0xFF;
    }

    /** The byte as a number with a sign. */
    int signed(int at) {
        return bytes[start + at];
    }

    /** The F16 at {@code at}, which is exact. */
    float half(int at) {
        half.put(0, bytes[start + at + (bigEndian ? 1 : 0)]);
        half.put(1, bytes[start + at + (bigEndian ? 0 : 1)]);
        return (float) FloatFormat.decode(DType.F16, half, 0);
    }
}
