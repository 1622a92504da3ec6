package dev.stockpot.fuzz;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Simple mutants of a corpus, the same in every run. */
final class Mutants {
    private static final long[] EDGES = {
        0, 1, -1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFF_FFFFL, 0x8000_0000L, 0xFFFF_FFFFL, Long.MAX_VALUE, Long.MIN_VALUE
    };

    private final List<byte[]> corpus;
    private final Random random;

    Mutants(List<byte[]> corpus, long seed) {
        this.corpus = corpus;
        this.random = new Random(seed);
    }

    /** The next mutant: one of the corpus with one to four changes. */
    byte[] next() {
        byte[] mutant = any().clone();
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            mutant = mutant.length == 0 ? any().clone() : changed(mutant);
        }
        return mutant;
    }

    private byte[] any() {
        return corpus.get(random.nextInt(corpus.size()));
    }

    private byte[] changed(byte[] bytes) {
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(6)) {
            case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
            case 1 -> bytes[at] = (byte) random.nextInt(256);
            case 2 -> {
                return Arrays.copyOf(bytes, at);
            }
            case 3 -> edge(bytes, at);
            case 4 -> {
                // From here on like another one.
                byte[] other = any();
                int from = other.length == 0 ? 0 : random.nextInt(other.length);
                return joined(bytes, at, other, from);
            }
            // A part is left out, or comes twice.
            default -> {
                return joined(bytes, at, bytes, random.nextInt(bytes.length));
            }
        }
        return bytes;
    }

    private static byte[] joined(byte[] start, int length, byte[] end, int from) {
        byte[] joined = Arrays.copyOf(start, length + end.length - from);
        System.arraycopy(end, from, joined, length, end.length - from);
        return joined;
    }

    /** A length or an offset becomes an extreme one. */
    private void edge(byte[] bytes, int at) {
        long value = EDGES[random.nextInt(EDGES.length)];
        int width = 1 << random.nextInt(4);
        byte[] little = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
        System.arraycopy(little, 0, bytes, at, Math.min(width, bytes.length - at));
    }
}
