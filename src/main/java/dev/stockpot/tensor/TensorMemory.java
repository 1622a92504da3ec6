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
