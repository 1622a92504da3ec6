package dev.stockpot.engine.read;

import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Needs;

/**
 * How many threads a pass has, and what memory each of them has.
 *
 * @param threads worker threads, at least 1
 * @param tileBytes the most bytes of any one operand that a tile takes, a multiple of 64
 * @param bufferedSources for how many sources a thread needs a buffer; 0 if all are mapped
 * @param scratchVectors how many scratch vectors of {@code tileBytes} a thread has
 */
public record BufferPlan(int threads, long tileBytes, int bufferedSources, int scratchVectors) {
    /** The most that all buffers of a pass take together, in bytes: well within the promised 256 MiB. */
    private static final long BUDGET = 128L << 20;

    /** What tiles are multiples of: the blocks of all disks, in bytes. */
    private static final long BLOCK = 64 << 10;

    /** Extra bytes between sources in a buffer: at distances of a power of two they would share cache sets. */
    private static final int STAGGER = 320;

    /** A read of fewer bytes is not worth its call. */
    private static final long SMALLEST_READ = 256 << 10;

    /**
     * What fits into the budget. If reads are awaited, each source has two places: one is read while the other is used.
     *
     * @param sources the most sources that a tile has
     * @param leastTileBytes the least that a tile must hold
     * @param needs what the work needs besides
     */
    public static BufferPlan of(Engine engine, Inputs inputs, int sources, long leastTileBytes, Needs needs) {
        int buffered = inputs.anyBuffered() ? sources : 0;
        int places = inputs.anyAwaited() ? 2 : 1;
        return of(
                Math.min(BUDGET, engine.kernels().memory().most()),
                engine.threads(),
                engine.tileBytes(),
                buffered,
                places,
                Math.max(inputs.block(), 64),
                leastTileBytes,
                needs);
    }

    /** @param places places of each buffered source */
    static BufferPlan of(
            long budget,
            int mostThreads,
            long mostTileBytes,
            int buffered,
            int places,
            int block,
            long leastTileBytes,
            Needs needs) {
        long vectors = 1 + (long) places * buffered + needs.vectors();
        long beside = buffered == 0 ? 0 : (long) places * buffered * slotBytes(0, block) + block;
        int threads = (int) Math.max(1, Math.min(mostThreads, budget / (vectors * SMALLEST_READ + beside)));
        long share = Math.max(0, budget / threads - beside) / vectors;
        long most = Math.min(needs.mostTileBytes(), Math.min(mostTileBytes, share));
        // Whole blocks of a disk, so that tiles can be written past the page cache.
        long whole = most >= BLOCK ? most / BLOCK * BLOCK : most;
        return new BufferPlan(threads, Math.max(leastTileBytes, whole) / 64 * 64, buffered, needs.vectors());
    }

    /** What a source's place in a buffer takes: a tile, the rest of its first and last block, and some distance to the next. */
    static long slotBytes(long tileBytes, int block) {
        return (tileBytes + STAGGER + 2L * block) / block * block;
    }
}
