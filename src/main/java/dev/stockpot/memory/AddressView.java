package dev.stockpot.memory;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Name;
import org.bytedeco.javacpp.annotation.Platform;
import org.bytedeco.javacpp.annotation.Raw;

/** Java's views of native memory that they do not own. */
@Platform(include = "java_buffer.h", library = "jniStockpot#")
public final class AddressView {
    private AddressView() {}

    /** A pointer for a call that takes only an address. */
    public static Pointer of(long address) {
        return new Address(address);
    }

    /** A little-endian buffer over a part of {@code memory}. */
    public static ByteBuffer slice(Memory memory, long offset, int length) {
        Objects.checkFromIndexSize(offset, length, memory.size());
        return at(memory.address() + offset, length);
    }

    /** A little-endian buffer over {@code length} bytes at {@code address}. */
    public static ByteBuffer at(long address, int length) {
        ByteBuffer bytes = length == 0 ? ByteBuffer.allocate(0) : bufferAt(address, length);
        return bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    @Name("sp_buffer_at")
    @Raw(withEnv = true)
    private static native ByteBuffer bufferAt(@Cast("int64_t") long address, @Cast("int64_t") long bytes);

    // A class of its own: JavaCPP starts a thread for pointers, which only calls of CUDA need.
    private static final class Address extends Pointer {
        Address(long address) {
            this.address = address;
        }
    }
}
