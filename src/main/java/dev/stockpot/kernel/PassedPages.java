package dev.stockpot.kernel;

/**
 * Takes pages of a mapping that threads go through out of this process, behind all of them. Each time interrupts every
 * processor that runs the process, so it is done a stretch at a time; once a tile would be far too often.
 */
final class PassedPages {
    private static final long STRETCH = 8L << 20;

    private PassedPages() {}

    /**
     * To be called for each span [{@code offset}, {@code end}) of the mapping at {@code address} that was used.
     *
     * @param inFlight bytes in which other threads may still be at work. One that is further behind brings its pages in
     *     again, and they stay.
     */
    static void release(long address, long offset, long end, long inFlight) {
        long boundary = end / STRETCH * STRETCH;
        long kept = (inFlight + STRETCH - 1) / STRETCH * STRETCH;
        if (offset < boundary && boundary >= kept + STRETCH) {
            Native.sp_release(address + boundary - kept - STRETCH, STRETCH);
        }
    }
}
