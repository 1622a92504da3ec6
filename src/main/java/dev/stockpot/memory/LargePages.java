package dev.stockpot.memory;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A new file in memory (on tmpfs, such as /dev/shm), filled in place, in large pages. Making its small pages takes the system
 * longer than reading several times as many bytes, and it makes large ones only on request ({@code MADV_COLLAPSE}, since Linux
 * 6.1; {@code never} in {@code shmem_enabled} still allows that, {@code deny} does not). Safe to fill from many threads; close
 * it after the last of them.
 */
public final class LargePages implements AutoCloseable {
    /** Fewer bytes at a time are not worth a large page. */
    private static final int LEAST = Native.SP_LARGE_PAGE / 2;

    private final long address;
    private final long size;
    private final int descriptor;
    private final long inFlight;
    /**
     * False after a request failed: a system that has no large page left would search in vain every time. A page that another
     * thread is just writing to is refused alone.
     */
    private final AtomicBoolean working = new AtomicBoolean(true);

    private boolean closed;

    private LargePages(long address, long size, int descriptor, long inFlight) {
        this.address = address;
        this.size = size;
        this.descriptor = descriptor;
        this.inFlight = inFlight;
    }

    /**
     * Gives a file its size and prepares to fill it.
     *
     * @param inFlight how far apart the threads that fill it may be, in bytes
     * @return null if it is not on such a file system, or the system has no large pages of 2 MiB
     */
    public static LargePages of(Path file, long bytes, long inFlight) {
        long[] result = new long[3];
        boolean mapped = NativeLibrary.isAvailable()
                && Native.sp_map_new_file(NativeLibrary.nativePath(file), bytes, result) == 0;
        return mapped ? new LargePages(result[0], result[1], Math.toIntExact(result[2]), inFlight) : null;
    }

    /**
     * A buffer over bytes of the file, each of which is to be filled once.
     *
     * @return a direct buffer of {@code length} bytes with undefined contents; null if they are better written to the file,
     *     because they are few or the system is short of large pages
     */
    public ByteBuffer place(long offset, int length) {
        long end = offset + length;
        long wholePages = size / Native.SP_LARGE_PAGE * Native.SP_LARGE_PAGE;
        if (length < LEAST || end > wholePages) {
            return null;
        }
        for (long at = offset; at < end; at = nextPage(at)) {
            if (!working.get()) {
                return null;
            }
            int error = Native.sp_make_large_page(address, descriptor, at);
            if (error != 0) {
                if (error != Errno.BUSY_NOW) {
                    working.set(false);
                }
                return null;
            }
        }
        PassedPages passed = new PassedPages();
        passed.add(address, offset, end, inFlight);
        passed.release();
        return AddressView.at(address + offset, length);
    }

    private static long nextPage(long offset) {
        return (offset / Native.SP_LARGE_PAGE + 1) * Native.SP_LARGE_PAGE;
    }

    /** Unmaps it; a second call does nothing, as address and descriptor may be in use again by then. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Native.sp_unmap_new_file(address, size, descriptor);
        }
    }
}
