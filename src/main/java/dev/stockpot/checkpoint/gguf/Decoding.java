package dev.stockpot.checkpoint.gguf;

import dev.stockpot.checkpoint.file.RandomFile;
import dev.stockpot.checkpoint.spool.Spool;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes the values of a quantised tensor to a spool, as F32.
 *
 * @param from where its blocks begin in the file
 * @param bytes of its blocks
 * @param at where its values go
 */
record Decoding(GgufType type, boolean bigEndian, long from, long bytes, long at) implements Spool.Copy {
    /** Blocks that are decoded at a time. */
    private static final int BLOCKS = 1 << 9;

    @Override
    public void write(RandomFile checkpoint, RandomFile spool) throws IOException {
        int most = (int) Math.min(BLOCKS, bytes / type.blockBytes());
        byte[] blocks = new byte[most * type.blockBytes()];
        float[] values = new float[most * type.blockElements()];
        ByteBuffer out = ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        Block block = new Block(blocks, bigEndian);
        long next = at;
        for (long done = 0; done < bytes; done += blocks.length) {
            int some = (int) Math.min(blocks.length, bytes - done);
            fill(checkpoint, ByteBuffer.wrap(blocks, 0, some), from + done);
            int count = some / type.blockBytes();
            for (int k = 0; k < count; k++) {
                block.moveTo(k * type.blockBytes());
                type.decoder().decode(block, values, k * type.blockElements());
            }
            out.clear().asFloatBuffer().put(values, 0, count * type.blockElements());
            out.limit(count * type.blockElements() * Float.BYTES);
            spool.write(out, next);
            next += out.limit();
        }
    }

    private static void fill(RandomFile in, ByteBuffer into, long offset) throws IOException {
        long start = offset - into.position();
        while (into.hasRemaining()) {
            if (in.read(into, start + into.position()) < 0) {
                throw new EOFException("it shrank");
            }
        }
    }
}
