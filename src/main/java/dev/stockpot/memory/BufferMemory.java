package dev.stockpot.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/** Memory over a Java buffer, direct or not. */
final class BufferMemory implements Memory {
    private final ByteBuffer buffer;

    BufferMemory(ByteBuffer buffer) {
        this.buffer = buffer.duplicate().clear();
    }

    @Override
    public long size() {
        return buffer.capacity();
    }

    @Override
    public long address() {
        return buffer.isDirect() && NativeLibrary.isAvailable() ? Native.sp_address_of(buffer) : 0;
    }

    @Override
    public boolean isWritable() {
        return !buffer.isReadOnly();
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        Objects.checkFromIndexSize(offset, length, size());
        return buffer.slice((int) offset, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public void close() {
        // The buffer belongs to the caller.
    }
}
