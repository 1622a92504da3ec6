package dev.stockpot.kernel;

/**
 * Takes pages of a mapping that threads go through out of this process, behind all of them. Each time interrupts every
 * processor that runs the process, so it is done a stretch at a time; once a tile would be far too often.
 */
final class PassedPages {
    private static final long STRETCH = 8L << 20;
    /** A thread that fell behind brings pages in again that were taken out: they are found by the next so many times. */
    private static final int AGAIN = 8;

    private PassedPages() {}

    /**
     * To be called for each span [{@code offset}, {@code end}) of the mapping at {@code address} that was used.
     *
     * @param inFlight bytes in which other threads may still be at work
     */
    static void release(long address, long offset, long end, long inFlight) {
        long boundary = end / STRETCH * STRETCH;
        long kept = (inFlight + STRETCH - 1) / STRETCH * STRETCH;
        long last = boundary - kept;
        if (offset < boundary && last > 0) {
            long first = Math.max(0, last - (1 + AGAIN) * STRETCH);
            Native.sp_release(address + first, last - first);
        }
    }
}
