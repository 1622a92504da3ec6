package dev.stockpot.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;

/** A Java buffer over native memory that it does not own. JavaCPP neither counts nor frees such memory. */
public final class AddressView extends Pointer {
    private AddressView(long address, int length) {
        this.address = address;
        this.limit = length;
        this.capacity = length;
    }

    @Override
    public int sizeof() {
        return 1;
    }

    /** A pointer for a call that takes only an address. */
    public static Pointer of(long address) {
        return new AddressView(address, 0);
    }

    public static ByteBuffer slice(Memory memory, long offset, int length) {
        Objects.checkFromIndexSize(offset, length, memory.size());
        return at(memory.address() + offset, length);
    }

    public static ByteBuffer at(long address, int length) {
        ByteBuffer bytes = length == 0 ? ByteBuffer.allocate(0) : new AddressView(address, length).asByteBuffer();
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }
}
