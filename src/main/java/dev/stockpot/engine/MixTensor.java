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
 * @param shape of the output
 * @param sources the tensors it is made from, in ingredient order, all with the same number of elements; exactly one if it is
 *     copied
 * @param how it is made
 * @param rest what follows the elements that {@code sources} make, if others make those: parts of the same dtype, themselves
 *     without a rest
 */
public record MixTensor(
        String name, DType dtype, List<Long> shape, List<TensorInfo> sources, Way how, List<MixTensor> rest) {
    /** A tensor that {@code sources} make whole. */
    public MixTensor(String name, DType dtype, List<Long> shape, List<TensorInfo> sources, Way how) {
        this(name, dtype, shape, sources, how, List.of());
    }

    /** How it is made; if that is made {@link Later}, another object each time. */
    @Override
    public Way how() {
        return how instanceof Later later ? later.way().get() : how;
    }

    /** Whether it is a source's bytes. */
    public boolean isCopy() {
        return how == Copy.BYTES;
    }

    /** A copy of {@code tensor}, unchanged. */
    public static MixTensor copy(TensorInfo tensor) {
        return new MixTensor(tensor.name(), tensor.dtype(), tensor.shape(), List.of(tensor), Copy.BYTES);
    }

    /** The same tensor, written as another type. */
    public MixTensor as(DType other) {
        if (other == dtype) {
            return this;
        }
        List<MixTensor> parts = rest.stream().map(part -> part.as(other)).toList();
        return new MixTensor(name, other, shape, sources, isCopy() ? Average.SUM : how, parts);
    }

    /** The same under another name. */
    public MixTensor named(String other) {
        return other.equals(name) ? this : new MixTensor(other, dtype, shape, sources, how, rest);
    }

    /** The name, dtype and shape of the output. */
    public TensorSpec spec() {
        return new TensorSpec(name, dtype, shape);
    }

    /** Elements of the output. */
    public long elements() {
        long elements = sources.get(0).elements();
        for (MixTensor part : rest) {
            elements += part.elements();
        }
        return elements;
    }

    /** Length of the output in bytes. */
    public long bytes() {
        long bytes =
                isCopy() ? sources.get(0).bytes() : dtype.bytes(sources.get(0).elements());
        for (MixTensor part : rest) {
            bytes += part.bytes();
        }
        return bytes;
    }
}
