package dev.stockpot.engine.read;

import dev.stockpot.engine.EngineSettings;

/**
 * How many threads a run has, and how large their buffers are.
 *
 * @param threads worker threads, at least 1; some more than asked for where these wait for a disk
 * @param tileBytes what a tile takes of any one operand at most
 * @param readSources for how many sources a thread needs a buffer: none where all files are mapped
 */
public record BufferPlan(int threads, long tileBytes, int readSources) {
    /** What all buffers of a run may take together, in bytes: well inside the promised 256 MiB. */
    private static final long BUDGET = 128L << 20;

    /** A disk or a server is kept busy by a few requests at a time, however few the processors. */
    public static final int LEAST_REQUESTS = 4;

    /** A read from a file is not worth its call below this many bytes. */
    private static final long SMALLEST_READ = 256 << 10;

    /**
     * @param sources operands of a tile at most, besides its output
     * @param smallestTile what a tile must hold at least, in bytes; {@code tileBytes} is a multiple of 64
     */
    public static BufferPlan of(EngineSettings settings, InputFiles inputs, int sources, long smallestTile) {
        int threads = inputs.anyAwaited() ? Math.max(settings.threads(), LEAST_REQUESTS) : settings.threads();
        return of(settings, threads, inputs.anyRead() ? sources : 0, 1, smallestTile);
    }

    /** As {@link #of}, where others read for threads that would wait: these need two places for each source. */
    public static BufferPlan readingAhead(EngineSettings settings, InputFiles inputs, int sources, long smallestTile) {
        int places = inputs.anyAwaited() ? 2 : 1;
        return of(settings, settings.threads(), inputs.anyRead() ? sources : 0, places, smallestTile);
    }

    private static BufferPlan of(EngineSettings settings, int wanted, int readSources, int places, long smallestTile) {
        long share = BUDGET / (1 + (long) places * readSources);
        int threads = (int) Math.max(1, Math.min(wanted, share / SMALLEST_READ));
        long tileBytes = Math.max(smallestTile, Math.min(settings.tileBytes(), share / threads)) / 64 * 64;
        return new BufferPlan(threads, tileBytes, readSources);
    }
}
