package dev.stockpot.memory;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A whole regular file of any size, mapped read-only, without a descriptor that stays open. Safe to read from many threads; close it after the last of them.
 *
 * <p>A file that shrinks while it is mapped has no pages past its new end: {@link #populate} and
 * the native kernels report that as a {@link SourceFaultException}; a read through {@link #slice} throws an
 * {@link InternalError} of the JVM.
 */
public final class MappedFile implements Memory, Closeable {
    private final Path path;
    private final byte[] nativePath;
    private final long address;
    private final long size;
    private boolean closed;

    private MappedFile(Path path, byte[] nativePath, long address, long size) {
        this.path = path;
        this.nativePath = nativePath;
        this.address = address;
        this.size = size;
    }

    /**
     * Maps a file.
     *
     * @throws IOException if it cannot be opened or its file system cannot map
     * @throws IllegalStateException if the native library is not available
     */
    public static MappedFile map(Path path) throws IOException {
        NativeLibrary.require();
        if (path.getFileSystem() != FileSystems.getDefault()) {
            throw new FileSystemException(
                    path.toString(), null, "cannot be mapped: it is not on the system's file system");
        }
        byte[] nativePath = NativeLibrary.nativePath(path);
        long[] result = new long[2];
        int error = Native.sp_map_file(nativePath, result);
        if (error != 0) {
            throw new FileSystemException(path.toString(), null, "cannot be mapped: " + Errno.describe(error));
        }
        return new MappedFile(path, nativePath, result[0], result[1]);
    }

    /** The file. */
    public Path path() {
        return path;
    }

    @Override
    public long address() {
        if (closed) {
            throw new IllegalStateException(path + " is no longer mapped");
        }
        return address;
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        return AddressView.slice(this, offset, length);
    }

    /**
     * Brings a span into memory and maps its pages, many at a time: far cheaper than a fault for each page.
     *
     * @throws SourceFaultException if a page cannot be read
     * @throws IndexOutOfBoundsException if the span extends outside the file
     */
    public void populate(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, size);
        if (length > 0 && Native.sp_populate(address() + offset, length) != 0) {
            throw new SourceFaultException(this);
        }
    }

    /**
     * Starts reading a span from disk without waiting for it, if it is not cached.
     *
     * @throws IndexOutOfBoundsException if the span extends outside the file
     */
    public void prefetch(long offset, long length) {
        Objects.checkFromIndexSize(offset, length, size);
        if (length > 0) {
            Native.sp_prefetch(address(), nativePath, offset, length);
        }
    }

    /**
     * Reports that a thread has passed the file from {@code offset} to {@code end}.
     *
     * @param inFlight how far apart the threads that read it may be, in bytes
     * @param pages receives the pages that all threads have passed
     * @throws IndexOutOfBoundsException if the span extends outside the file
     */
    public void passed(long offset, long end, long inFlight, PassedPages pages) {
        Objects.checkFromToIndex(offset, end, size);
        pages.add(address(), offset, end, inFlight);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            Native.sp_unmap_file(address, size);
        }
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
