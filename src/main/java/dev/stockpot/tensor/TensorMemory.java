package dev.stockpot.tensor;

import java.nio.ByteBuffer;

/** A tensor's values in memory: contiguous, row-major, little-endian; of any length. */
public interface TensorMemory {
    /** Length in bytes. */
    long bytes();

    /** A direct buffer over {@code length} bytes from {@code offset}. */
    ByteBuffer slice(long offset, int length);
}
