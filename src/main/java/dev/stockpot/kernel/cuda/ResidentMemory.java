package dev.stockpot.kernel.cuda;

import dev.stockpot.kernel.SourceFile;
import dev.stockpot.memory.Memory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The first bytes of a file, kept on a GPU. The host sees them only through the file. */
final class ResidentMemory implements Memory {
    private final SourceFile file;
    private final long deviceAddress;
    private final long size;

    ResidentMemory(SourceFile file, long deviceAddress, long size) {
        this.file = file;
        this.deviceAddress = deviceAddress;
        this.size = size;
    }

    long deviceAddress() {
        return deviceAddress;
    }

    @Override
    public long address() {
        return 0;
    }

    @Override
    public boolean isWritable() {
        return false;
    }

    @Override
    public long size() {
        return size;
    }

    /** A copy, read from the file. */
    @Override
    public ByteBuffer slice(long offset, int length) {
        ByteBuffer copy = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        file.read(offset, copy);
        return copy.clear();
    }

    @Override
    public void close() {
        // ResidentFiles frees it.
    }
}
