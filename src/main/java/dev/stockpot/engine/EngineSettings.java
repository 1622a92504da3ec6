package dev.stockpot.engine;

import dev.stockpot.engine.read.BufferPlan;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.run.IoMode;

/**
 * How a plan is run; nothing here changes a bit of the result.
 *
 * @param kernels the loops to use
 * @param threads worker threads, at least 1; a run that reads past the page cache has a few more, which wait for the disk
 * @param io how ingredients are read
 * @param tileBytes upper bound of a tile in bytes, at least 64
 */
public record EngineSettings(Kernels kernels, int threads, IoMode io, int tileBytes) {
    /** A tile that keeps page-table work in large batches and eight sources' share of it in the second-level cache. */
    public static final int DEFAULT_TILE_BYTES = 2 << 20;

    public EngineSettings {
        if (threads < 1) {
            throw new IllegalArgumentException("threads should be at least 1 but got " + threads);
        }
        if (tileBytes < 64) {
            throw new IllegalArgumentException("a tile should be at least 64 bytes but got " + tileBytes);
        }
    }

    /** How a run's ingredients are read: {@link #io}, but into the kernels' own memory where they work best so. */
    public IoMode inputs() {
        return io == IoMode.AUTO && kernels.wantsReads() ? IoMode.READ : io;
    }

    /** How far apart threads can be at most that go through a file side by side, in bytes. */
    public long inFlight() {
        return (long) Math.max(threads, BufferPlan.LEAST_REQUESTS) * tileBytes;
    }

    /** As many threads as the machine has processors, files mapped where that is right. */
    public static EngineSettings of(Kernels kernels) {
        return new EngineSettings(kernels, Runtime.getRuntime().availableProcessors(), IoMode.AUTO, DEFAULT_TILE_BYTES);
    }
}
