package dev.stockpot.kernel;

import dev.stockpot.memory.Memory;

/** The memory that some kernels work on fastest. Safe to share between threads. */
public interface KernelMemory {
    /** {@code bytes} bytes, not cleared; the caller closes them. */
    Memory allocate(long bytes);

    /** The most bytes that a pass should allocate together. */
    default long most() {
        return Long.MAX_VALUE;
    }

    /** Whether elements are best read into memory of this kind rather than mapped. */
    default boolean wantsReads() {
        return false;
    }

    /**
     * Memory near the kernels that holds this file, at least up to the end of the span: elements are at the same offsets as in
     * the file. Null if the caller must bring them in itself, as always on the CPU.
     *
     * @throws dev.stockpot.error.CheckpointException if the file cannot be read
     */
    default Memory keep(SourceFile file, long offset, long length) {
        return null;
    }
}
