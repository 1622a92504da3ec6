package dev.stockpot.memory;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Objects;

/** Reading without any work, which is what work over the same bytes is measured against. */
public final class PlainRead {
    private PlainRead() {}

    /**
     * Reads {@code length} bytes from {@code offset} on, mapped pages brought in first, but for up to 63 at the end.
     *
     * @param memory native or a mapped file
     * @return an exclusive or of the words, so that the read is not left out
     * @throws IndexOutOfBoundsException where the span leaves the memory
     * @throws SourceFaultException where a mapped page cannot be read
     * @throws IllegalArgumentException where the memory is a Java buffer
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
     * Drops a file from the page cache, so that it is read from its disk the next time. Does nothing where another process
     * has it mapped, or the file lies in memory anyway.
     *
     * @throws IOException where it cannot be opened or written back
     * @throws IllegalStateException where the native library is not available
     */
    public static void forget(Path file) throws IOException {
        NativeLibrary.require();
        int error = Native.sp_forget_file(NativeLibrary.nativePath(file));
        if (error != 0) {
            throw new FileSystemException(file.toString(), null, "cannot be uncached: " + Errno.describe(error));
        }
    }
}
