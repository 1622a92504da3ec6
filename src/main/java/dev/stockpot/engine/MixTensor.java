package dev.stockpot.engine;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;

/**
 * One output tensor and what it is made of.
 *
 * @param name of the tensor
 * @param dtype of the output
 * @param shape of the output and of every source
 * @param sources the tensors it is made from, in ingredient order; exactly one if it is copied
 * @param how it is made
 */
public record MixTensor(String name, DType dtype, List<Long> shape, List<TensorInfo> sources, Operation how) {
    /** A copy of {@code tensor}, unchanged. */
    public static MixTensor copy(TensorInfo tensor) {
        return new MixTensor(tensor.name(), tensor.dtype(), tensor.shape(), List.of(tensor), Copy.BYTES);
    }

    /** The name, dtype and shape of the output. */
    public TensorSpec spec() {
        return new TensorSpec(name, dtype, shape);
    }

    /** Elements of the output. */
    public long elements() {
        return sources.get(0).elements();
    }

    /** Length of the output in bytes. */
    public long bytes() {
        return how == Copy.BYTES ? sources.get(0).bytes() : dtype.bytes(elements());
    }
}
