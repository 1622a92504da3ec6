package dev.stockpot.memory;

import java.nio.ByteBuffer;

/** A run of bytes that kernels read or write: a native allocation, a mapped file, or a Java buffer. Not thread-safe to close. */
public interface Memory extends AutoCloseable {
    /** Its length in bytes. */
    long size();

    /**
     * A little-endian view of {@code length} bytes from {@code offset}; it must not be used after {@link #close}.
     *
     * @throws IndexOutOfBoundsException where that leaves the memory
     */
    ByteBuffer slice(long offset, int length);

    /** Gives the bytes back, where this owns them. */
    @Override
    void close();

    /** Memory over the whole of {@code buffer} (position and limit do not matter), which the caller keeps. */
    static Memory of(ByteBuffer buffer) {
        return new BufferMemory(buffer);
    }
}
