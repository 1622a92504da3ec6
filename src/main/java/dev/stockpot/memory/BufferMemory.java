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
        if (!buffer.isDirect() || !NativeLibrary.isAvailable()) {
            return 0;
        }
        checkAlive();
        return Native.sp_address_of(buffer);
    }

    /** Reads a byte as Java does: a buffer of a closed arena still has an address, at which native code ends the JVM. */
    private void checkAlive() {
        if (buffer.capacity() > 0) {
            try {
                buffer.get(buffer.capacity() - 1);
            } catch (InternalError e) {
                // A mapping that cannot be read: kernels report that with its name.
            }
        }
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
