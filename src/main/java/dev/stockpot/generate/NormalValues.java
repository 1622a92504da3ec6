package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Any number of normally distributed values of one type, at the speed of a copy: each block of a tensor is a range of one pool
 * of drawn values, at a position that depends on the seed, the tensor and the block. Thread-safe.
 */
final class NormalValues {
    /** Bytes that are consecutive in the pool; a multiple of every type's size. */
    static final int BLOCK = 32 << 10;

    /** Fits into the L2 cache. */
    private static final int POOL = 512 << 10;

    private static final double DEVIATION = 0.02;

    private final ByteBuffer pool;
    private final long seed;
    private final int size;

    /**
     * @param dtype a float type
     * @param mean of the values; their standard deviation is 0.02, like a transformer's weights at initialization
     */
    NormalValues(DType dtype, double mean, long seed) {
        this.seed = seed;
        this.size = dtype.bits() / 8;
        int elements = (POOL + BLOCK) / size;
        // A direct buffer: copies into another direct buffer never go through the Java heap.
        this.pool = ByteBuffer.allocateDirect(elements * size).order(ByteOrder.LITTLE_ENDIAN);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < elements; i++) {
            float drawn = (float) (mean + DEVIATION * random.nextGaussian());
            FloatFormat.encode(dtype, drawn, pool, i * size);
        }
    }

    /** Puts {@code count} bytes of a tensor, from {@code offset} in its values on, into {@code out}. */
    void put(int tensor, long offset, int count, ByteBuffer out) {
        int left = count;
        for (long at = offset; left > 0; ) {
            int within = (int) (at % BLOCK);
            int length = Math.min(left, BLOCK - within);
            out.put(out.position(), pool, place(tensor, at / BLOCK) + within, length);
            out.position(out.position() + length);
            at += length;
            left -= length;
        }
    }

    private int place(int tensor, long block) {
        long mixed = mix(seed ^ mix(((long) tensor << 40) + block));
        return (int) Math.floorMod(mixed, (long) POOL / size) * size;
    }

    /** The finalizer of SplitMix64 (Steele, Lea and Flood 2014). */
    private static long mix(long value) {
        long z = value + 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
