package dev.stockpot.memory;

import java.nio.ByteBuffer;

/** A range of bytes that kernels read or write: a native allocation, a mapped file, or a Java buffer. Not thread-safe to close. */
public interface Memory extends AutoCloseable {
    /** Its length in bytes. */
    long size();

    /**
     * Where it starts, for native code; 0 where native code cannot reach it, as on the Java heap.
     *
     * @throws IllegalStateException where it is closed
     */
    long address();

    /** Whether it may be written to; a mapped file and a read-only buffer may not. */
    boolean isWritable();

    /**
     * A little-endian view of {@code length} bytes from {@code offset}; it must not be used after {@link #close}.
     *
     * @throws IndexOutOfBoundsException where that leaves the memory
     */
    ByteBuffer slice(long offset, int length);

    /** Frees the bytes, where this owns them. */
    @Override
    void close();

    /** Memory over the whole of {@code buffer} (position and limit do not matter), which the caller keeps. */
    static Memory of(ByteBuffer buffer) {
        return new BufferMemory(buffer);
    }
}
