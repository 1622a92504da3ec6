package dev.stockpot.kernel;

/**
 * Takes pages of a mapping that is gone through out of this process, a stretch at a time. Each time interrupts every
 * processor that runs the process, so once a tile would be far too often. The stretch just passed stays, as other threads may
 * still be at work there; one that is further behind brings its pages in again.
 */
final class PassedPages {
    private static final long STRETCH = 16L << 20;

    private PassedPages() {}

    /** To be called for each span [{@code offset}, {@code end}) of the mapping at {@code address} that was used. */
    static void release(long address, long offset, long end) {
        long boundary = end / STRETCH * STRETCH;
        if (offset < boundary && boundary >= 2 * STRETCH) {
            Native.sp_release(address + boundary - 2 * STRETCH, STRETCH);
        }
    }
}
