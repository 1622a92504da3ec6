package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Collects a model's tensors; float tensors have one type. */
final class TensorList {
    private final DType dtype;
    private final List<TensorSpec> tensors = new ArrayList<>();

    TensorList(DType dtype) {
        this.dtype = dtype;
    }

    /** Adds a float tensor. */
    TensorList add(String name, long... shape) {
        return add(name, dtype, shape);
    }

    /** Adds a tensor of another type. */
    TensorList add(String name, DType other, long... shape) {
        tensors.add(new TensorSpec(name, other, Arrays.stream(shape).boxed().toList()));
        return this;
    }

    /** Adds a matrix, {@code prefix.weight} of [out, in], and its bias. */
    TensorList linear(String prefix, long out, long in) {
        return add(prefix + ".weight", out, in).add(prefix + ".bias", out);
    }

    /** Adds the scale and bias of a layer norm. */
    TensorList norm(String prefix, long width) {
        return add(prefix + ".weight", width).add(prefix + ".bias", width);
    }

    List<TensorSpec> list() {
        return List.copyOf(tensors);
    }
}
