package dev.stockpot.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A tensor's values in a program's memory: contiguous, row-major, little-endian, of any length. Several threads may ask for
 * slices at once.
 */
public interface TensorMemory {
    /** Length in bytes. */
    long bytes();

    /**
     * A buffer whose remaining bytes are the {@code length} bytes from {@code offset} on. Direct buffers are read and written
     * in place, others through a copy.
     */
    ByteBuffer slice(long offset, int length);

    /** Fills the remaining space of {@code into} with the bytes from {@code offset} on. */
    default void read(long offset, ByteBuffer into) {
        into.put(slice(offset, into.remaining()));
    }

    /** Whether bytes are made where they are {@link #read} to, so that there is no memory of theirs to work on in place. */
    default boolean isCalculated() {
        return false;
    }

    /** The bytes now remaining in {@code buffer}, taken as little-endian whatever its byte order. */
    static TensorMemory of(ByteBuffer buffer) {
        ByteBuffer whole = buffer.slice();
        return new TensorMemory() {
            @Override
            public long bytes() {
                return whole.capacity();
            }

            @Override
            public ByteBuffer slice(long offset, int length) {
                return whole.slice(Math.toIntExact(offset), length).order(ByteOrder.LITTLE_ENDIAN);
            }
        };
    }
}
