package dev.stockpot.engine.pass;

import java.nio.ByteBuffer;

/** A tensor's values in the caller's memory, contiguous and little-endian, of any length. Read by several threads at once. */
@FunctionalInterface
public interface TensorBytes {
    /** The {@code length} bytes from {@code offset} on, all that remains in the buffer; a direct buffer is read in place. */
    ByteBuffer slice(long offset, int length);
}
