package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;

/**
 * Normally distributed values of one type, as many as are wanted at the speed of a copy: a block of a tensor is a stretch of
 * one pool of drawn values, from a place that depends on the seed, the tensor and the block. Safe to use from many threads.
 */
final class NormalValues {
    /** Bytes that follow each other in the pool; a multiple of every type's size. */
    static final int BLOCK = 32 << 10;

    /** Stays in the second-level cache. */
    private static final int POOL = 512 << 10;

    private static final double DEVIATION = 0.02;

    private final ByteBuffer pool;
    private final long seed;
    private final int size;

    /**
     * @param dtype a float type
     * @param mean of the values; their standard deviation is 0.02, as of weights at a transformer's initialization
     */
    NormalValues(DType dtype, double mean, long seed) {
        this.seed = seed;
        this.size = dtype.bits() / 8;
        int elements = (POOL + BLOCK) / size;
        // A direct buffer: copies into another one never pass the Java heap.
        this.pool = ByteBuffer.allocateDirect(elements * size).order(ByteOrder.LITTLE_ENDIAN);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < elements; i++) {
            float drawn = (float) (mean + DEVIATION * random.nextGaussian());
            FloatFormat.encode(dtype, drawn, pool, i * size);
        }
    }

    /** Puts {@code count} bytes of a tensor, from {@code offset} of its values on, into {@code out}. */
    void put(int tensor, long offset, int count, ByteBuffer out) {
        int left = count;
        for (long at = offset; left > 0; ) {
            int within = (int) (at % BLOCK);
            int run = Math.min(left, BLOCK - within);
            out.put(out.position(), pool, place(tensor, at / BLOCK) + within, run);
            out.position(out.position() + run);
            at += run;
            left -= run;
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
