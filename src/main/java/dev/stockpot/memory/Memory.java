package dev.stockpot.memory;

import java.nio.ByteBuffer;

/** Bytes that kernels read or write: a native allocation, a mapped file, or a Java buffer. Closing is not thread-safe. */
public interface Memory extends AutoCloseable {
    /** Its length in bytes. */
    long size();

    /**
     * Where it starts, for native code; 0 if native code cannot reach it, as on the Java heap.
     *
     * @throws IllegalStateException if it is closed
     */
    long address();

    /** Whether it may be written to; a mapped file and a read-only buffer may not. */
    boolean isWritable();

    /**
     * A little-endian view of {@code length} bytes from {@code offset}; it must not be used after {@link #close}.
     *
     * @throws IndexOutOfBoundsException if that extends outside the memory
     */
    ByteBuffer slice(long offset, int length);

    /** Frees the bytes, if this owns them. */
    @Override
    void close();

    /** Memory over the whole of {@code buffer} (position and limit do not matter), which the caller keeps. */
    static Memory of(ByteBuffer buffer) {
        return new BufferMemory(buffer);
    }
}
