package dev.stockpot.peers;

import java.nio.ByteBuffer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Helpers shared by the libtorch peers. */
final class Torch {
    private Torch() {}

    static ScalarType type(ModelFile.Entry entry) {
        return switch (entry.dtype()) {
            case "F32" -> ScalarType.Float;
            case "F16" -> ScalarType.Half;
            case "BF16" -> ScalarType.BFloat16;
            default -> ScalarType.Byte;
        };
    }

    private static long[] sizes(ModelFile.Entry entry) {
        return Peer.isFloat(entry) ? entry.shape() : new long[] {entry.bytes()};
    }

    /** A tensor over {@code bytes}, a direct buffer, which must outlive the tensor. */
    static Tensor over(ModelFile.Entry entry, ByteBuffer bytes) {
        return torch.from_blob(new Pointer(bytes), sizes(entry), new TensorOptions(type(entry)));
    }

    /** A tensor with its own memory, values undefined. */
    static Tensor empty(ModelFile.Entry entry, ScalarType type) {
        return torch.empty(sizes(entry), new TensorOptions(type), null);
    }

    /** A contiguous tensor's memory. */
    static ByteBuffer bytes(Tensor tensor, long bytes) {
        return new BytePointer(tensor.data_ptr()).position(0).capacity(bytes).asByteBuffer();
    }
}
