package dev.stockpot.engine.pass;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.util.List;
import java.util.Locale;

/**
 * The derivatives of a loss with respect to a tensor's elements, and the tensors to multiply them with: the dot product with
 * an ingredient's tensor is the derivative with respect to that ingredient's mixing coefficient.
 *
 * @param name of the tensor, for messages
 * @param dtype of the derivatives, a float type: F32 or F64
 * @param values the derivatives
 * @param sources the tensor in every ingredient, of float types, all with one element per derivative; at least one
 */
public record TensorGradient(String name, DType dtype, TensorMemory values, List<TensorInfo> sources) {
    public TensorGradient {
        sources = List.copyOf(sources);
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("tensor " + name + " should have at least one source");
        }
        for (TensorInfo source : sources) {
            if (!source.dtype().isFloat() || source.elements() != sources.get(0).elements()) {
                throw new IllegalArgumentException(String.format(
                        Locale.ROOT,
                        "tensor %s should be %d floats in every ingredient but is %s %s in %s",
                        name,
                        sources.get(0).elements(),
                        source.dtype(),
                        source.shape(),
                        source.source()));
            }
        }
        if (!dtype.isFloat()) {
            throw new IllegalArgumentException("the gradient of tensor " + name + " should be floats but is " + dtype);
        }
    }

    /** Elements of the tensor. */
    public long elements() {
        return sources.get(0).elements();
    }

    SourceSpans spans() {
        return SourceSpans.of(sources);
    }
}
