package dev.stockpot.memory;

import java.nio.ByteBuffer;

/** Native memory, aligned to 64 bytes or better and not cleared; not counted by JavaCPP or the JVM. */
public final class NativeMemory implements Memory {
    private final long size;
    private long address;

    private NativeMemory(long address, long size) {
        this.address = address;
        this.size = size;
    }

    /**
     * Allocates {@code bytes} bytes; the caller closes them.
     *
     * @throws IllegalArgumentException if {@code bytes} is negative
     * @throws OutOfMemoryError if the system has no more
     * @throws IllegalStateException if the native library is not available
     */
    public static NativeMemory allocate(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes should not be negative but got " + bytes);
        }
        NativeLibrary.require();
        long address = Native.sp_allocate(bytes);
        if (address == 0) {
            throw new OutOfMemoryError("no native memory for " + bytes + " bytes");
        }
        return new NativeMemory(address, bytes);
    }

    @Override
    public long address() {
        if (address == 0) {
            throw new IllegalStateException("native memory is closed");
        }
        return address;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        return AddressView.slice(this, offset, length);
    }

    @Override
    public void close() {
        if (address != 0) {
            Native.sp_free(address, size);
            address = 0;
        }
    }
}
