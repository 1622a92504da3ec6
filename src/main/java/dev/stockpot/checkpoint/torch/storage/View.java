package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.tensor.DType;
import java.util.Arrays;
import java.util.List;

/** The part of its storage that a tensor views: tied tensors view the same. */
public record View(Value.Storage storage, DType dtype, long offset, List<Long> shape, List<Long> strides) {
    public static View of(Tensor tensor) {
        return new View(
                tensor.storage(), tensor.dtype(), tensor.offset(), boxed(tensor.shape()), boxed(tensor.strides()));
    }

    private static List<Long> boxed(long[] sizes) {
        return Arrays.stream(sizes).boxed().toList();
    }
}
