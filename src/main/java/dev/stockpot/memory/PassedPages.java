package dev.stockpot.memory;

import java.util.Arrays;

/**
 * Pages of mappings that all threads have passed, to be dropped from this process, so that resident memory stays small. Each
 * drop interrupts every processor that runs the process, so it is done 8 MiB at a time and for all mappings together; once per
 * tile and file would be far too often. For one thread.
 */
public final class PassedPages {
    private static final long STRETCH = 8L << 20;
    /** A thread that fell behind brings dropped pages in again: each drop includes this many earlier stretches. */
    private static final int AGAIN = 8;

    private long[] starts = new long[8];
    private long[] lengths = new long[8];
    private int count;

    /**
     * Adds the pages well before the span [{@code offset}, {@code end}) of the mapping at {@code address}, if a multiple of
     * 8 MiB is in it.
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

    /** Drops the added pages from this process. The page cache keeps them, and a later read finds them there. */
    public void release() {
        if (count > 0) {
            Native.sp_release(starts, lengths, count);
            count = 0;
        }
    }
}
