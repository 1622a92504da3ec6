package dev.stockpot.generate;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The tensors of a checkpoint to generate. */
public record ModelShape(List<TensorSpec> tensors) {
    public ModelShape {
        tensors = List.copyOf(tensors);
    }

    /** The shape of a published model, with float tensors of {@code dtype}. */
    public static ModelShape like(Architecture model, DType dtype) {
        return new ModelShape(model.tensors(model.layers(), dtype));
    }

    /**
     * The shape of a published model, made larger or smaller: with more or fewer layers (at least one), then with more or fewer
     * rows in each matrix, so that its values take about {@code bytes} bytes. A model of a few kB comes out larger than
     * requested, as each tensor keeps a row.
     */
    public static ModelShape like(Architecture model, DType dtype, long bytes) {
        double share = (double) bytes / like(model, dtype).bytes();
        int layers = (int) Math.max(1, Math.round(share * model.layers()));
        List<TensorSpec> tensors = model.tensors(layers, dtype);
        long matrices = tensors.stream()
                .filter(ModelShape::isMatrix)
                .mapToLong(TensorSpec::bytes)
                .sum();
        long others = new ModelShape(tensors).bytes() - matrices;
        double factor = Math.max(0, (double) (bytes - others) / matrices);
        return new ModelShape(tensors.stream()
                .map(t -> isMatrix(t) ? withRows(t, Math.round(t.shape().get(0) * factor)) : t)
                .toList());
    }

    /** {@code count} tensors of {@code elements} elements each. */
    public static ModelShape equal(int count, long elements, DType dtype) {
        TensorList list = new TensorList(dtype);
        for (int t = 0; t < count; t++) {
            list.add(String.format(Locale.ROOT, "tensor.%06d", t), elements);
        }
        return new ModelShape(list.list());
    }

    private static boolean isMatrix(TensorSpec tensor) {
        return tensor.dtype().isFloat() && tensor.shape().size() > 1;
    }

    private static TensorSpec withRows(TensorSpec tensor, long rows) {
        List<Long> shape = new ArrayList<>(tensor.shape());
        shape.set(0, Math.max(1, rows));
        return new TensorSpec(tensor.name(), tensor.dtype(), shape);
    }

    /** The size of all values, in bytes. */
    public long bytes() {
        return tensors.stream().mapToLong(TensorSpec::bytes).sum();
    }
}
