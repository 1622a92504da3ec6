package dev.stockpot.kernel.cuda;

import dev.stockpot.memory.AddressView;
import dev.stockpot.memory.Memory;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Host memory that a GPU reads and writes directly. Closing it returns it to its owner. */
final class PinnedMemory implements Memory {
    private final long start;
    private final long capacity;
    private final long size;
    private final Consumer<PinnedMemory> owner;
    private boolean closed;

    PinnedMemory(long start, long capacity, long size, Consumer<PinnedMemory> owner) {
        this.start = start;
        this.capacity = capacity;
        this.size = size;
        this.owner = owner;
    }

    @Override
    public long address() {
        if (closed) {
            throw new IllegalStateException("pinned memory is closed");
        }
        return start;
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public long size() {
        return size;
    }

    /** Bytes that it can hold. */
    long capacity() {
        return capacity;
    }

    /** The same memory for the next user, with a size of {@code bytes} bytes. */
    PinnedMemory again(long bytes) {
        return new PinnedMemory(start, capacity, bytes, owner);
    }

    /** Where it starts, closed or not: for its owner. */
    long start() {
        return start;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        return AddressView.slice(this, offset, length);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            owner.accept(this);
        }
    }
}
