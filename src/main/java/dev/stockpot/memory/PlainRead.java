package dev.stockpot.memory;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;

/** Reading without other work, the baseline for work over the same bytes. */
public final class PlainRead {
    private PlainRead() {}

    /**
     * Reads {@code length} bytes from {@code offset}, except for up to 63 at the end; mapped pages are brought in first.
     *
     * @param memory native or a mapped file
     * @return an exclusive or of the words, so that the read is not optimized away
     * @throws IndexOutOfBoundsException if the span extends outside the memory
     * @throws SourceFaultException if a mapped page cannot be read
     * @throws IllegalArgumentException if the memory is a Java buffer
     */
    public static long of(Memory memory, long offset, long length) {
        Objects.checkFromIndexSize(offset, length, memory.size());
        if (memory.address() == 0) {
            throw new IllegalArgumentException("should be native memory or a mapped file but got " + memory);
        }
        long[] sum = new long[1];
        if (length > 0 && Native.sp_read(memory.address() + offset, length, sum) != 0) {
            throw new SourceFaultException(memory);
        }
        return sum[0];
    }

    /**
     * Drops a file from the page cache, so that the next read comes from its disk. Does nothing if another process has it
     * mapped, or its file system is in memory.
     *
     * @throws IOException if it cannot be opened or written back
     * @throws IllegalStateException if the native library is not available
     */
    public static void forget(Path file) throws IOException {
        NativeLibrary.require();
        int error = Native.sp_forget_file(NativeLibrary.nativePath(file));
        if (error != 0) {
            throw new FileSystemException(file.toString(), null, "cannot be uncached: " + Errno.describe(error));
        }
    }
}
