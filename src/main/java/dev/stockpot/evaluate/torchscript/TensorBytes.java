package dev.stockpot.evaluate.torchscript;

import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;

/** The memory of a contiguous tensor on the CPU; valid as long as the tensor is. */
final class TensorBytes implements TensorMemory {
    private final long address;
    private final long bytes;

    private TensorBytes(long address, long bytes) {
        this.address = address;
        this.bytes = bytes;
    }

    public static TensorBytes of(Tensor tensor) {
        Pointer start = tensor.data_ptr();
        return new TensorBytes(start == null ? 0 : start.address(), tensor.nbytes());
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public ByteBuffer slice(long offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes);
        ByteBuffer buffer =
                length == 0 ? ByteBuffer.allocateDirect(0) : new View(address + offset, length).asByteBuffer();
        return buffer.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Memory that JavaCPP neither counts nor frees. */
    private static final class View extends Pointer {
        View(long address, int length) {
            this.address = address;
            this.limit = length;
            this.capacity = length;
        }

        @Override
        public int sizeof() {
            return 1;
        }
    }
}
