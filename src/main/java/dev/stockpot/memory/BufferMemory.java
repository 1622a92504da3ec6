package dev.stockpot.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** Memory over a Java buffer, direct or not. */
public final class BufferMemory implements Memory {
    private final ByteBuffer buffer;

    BufferMemory(ByteBuffer buffer) {
        this.buffer = buffer;
    }

    @Override
    public long size() {
        return buffer.capacity();
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        Objects.checkFromIndexSize(offset, length, size());
        ByteBuffer whole = buffer.duplicate().clear();
        return whole.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        // The buffer is its owner's.
    }
}
