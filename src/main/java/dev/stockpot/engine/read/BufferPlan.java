package dev.stockpot.engine.read;

import dev.stockpot.engine.Engine;

/**
 * How many threads a pass has, and how large their buffers are.
 *
 * @param threads worker threads, at least 1
 * @param tileBytes the most bytes of any one operand that a tile takes, a multiple of 64
 * @param bufferedSources for how many sources a thread needs a buffer; 0 if all are mapped
 */
public record BufferPlan(int threads, long tileBytes, int bufferedSources) {
    /** The most that all buffers of a pass take together, in bytes: well within the promised 256 MiB. */
    private static final long BUDGET = 128L << 20;

    /** A read of fewer bytes is not worth its call. */
    private static final long SMALLEST_READ = 256 << 10;

    /**
     * What a pass needs.
     *
     * @param sources the most sources that a tile has
     * @param scratchVectors the most scratch vectors that a reduction uses
     * @param leastTileBytes the least that a tile must hold
     * @param mostTileBytes the most that a tile should hold
     */
    public record Needs(int sources, int scratchVectors, long leastTileBytes, long mostTileBytes) {}

    /** What fits into the budget. If reads are awaited, each source has two places: one is read while the other is used. */
    public static BufferPlan of(Engine engine, Inputs inputs, Needs needs) {
        int buffered = inputs.anyBuffered() ? needs.sources() : 0;
        int places = inputs.anyAwaited() ? 2 : 1;
        long share = BUDGET / (1 + (long) places * buffered + needs.scratchVectors());
        int threads = (int) Math.max(1, Math.min(engine.threads(), share / SMALLEST_READ));
        long most = Math.min(needs.mostTileBytes(), Math.min(engine.tileBytes(), share / threads));
        return new BufferPlan(threads, Math.max(needs.leastTileBytes(), most) / 64 * 64, buffered);
    }
}
