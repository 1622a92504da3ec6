package dev.stockpot.checkpoint.adapter;

import dev.stockpot.tensor.TensorInfo;
import java.util.Optional;

/**
 * The factors of one module of a model: its weight changes by {@code scale * B A}.
 *
 * @param name of the module in the model, without PEFT's prefix
 * @param a of shape [rank, inputs], of a convolution [rank, inputs, height, width], of an embedding [rank, words]
 * @param b of shape [outputs, rank], with as many sizes of 1 as a convolution has more
 * @param bias what its bias changes by, times the scale; of shape [outputs]
 * @param embedding whether it is an embedding, whose weight is [words, outputs]
 * @param scale what the product is multiplied with
 */
public record AdaptedModule(
        String name, TensorInfo a, TensorInfo b, Optional<TensorInfo> bias, boolean embedding, double scale) {
    /** Of both factors. */
    public int rank() {
        return Math.toIntExact(a.shape().get(0));
    }

    /** The columns of A. */
    public long inputs() {
        return a.elements() / rank();
    }

    /** The rows of B. */
    public long outputs() {
        return b.elements() / rank();
    }

    /** The tensor of the model that it changes. */
    public String weight() {
        return name + ".weight";
    }
}
