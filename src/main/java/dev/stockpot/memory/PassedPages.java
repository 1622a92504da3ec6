package dev.stockpot.memory;

import java.util.Arrays;

/**
 * Pages of mappings that threads went through, to be taken out of this process behind all of them, so that resident memory
 * stays small. Each time interrupts every processor that runs the process, so it is done a stretch at a time and for all
 * mappings together; once a tile and file would be far too often. For one thread.
 */
public final class PassedPages {
    private static final long STRETCH = 8L << 20;
    /** A thread that fell behind brings pages in again that were taken out: they are found by the next so many times. */
    private static final int AGAIN = 8;

    private long[] starts = new long[8];
    private long[] lengths = new long[8];
    private int count;

    /**
     * Adds what lies well behind the span [{@code offset}, {@code end}) of the mapping at {@code address}, if a stretch ends
     * in it.
     *
     * @param inFlight bytes in which other threads may still be at work
     */
    void add(long address, long offset, long end, long inFlight) {
        long boundary = end / STRETCH * STRETCH;
        long kept = (inFlight + STRETCH - 1) / STRETCH * STRETCH;
        long last = boundary - kept;
        if (offset < boundary && last > 0) {
            if (count == starts.length) {
                starts = Arrays.copyOf(starts, 2 * count);
                lengths = Arrays.copyOf(lengths, 2 * count);
            }
            long first = Math.max(0, last - (1 + AGAIN) * STRETCH);
            starts[count] = address + first;
            lengths[count++] = last - first;
        }
    }

    /** Takes what was added out of this process. The page cache keeps it, and a later read finds it there. */
    public void release() {
        if (count > 0) {
            Native.sp_release(starts, lengths, count);
            count = 0;
        }
    }
}
