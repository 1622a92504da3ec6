package dev.stockpot.soup.mixture;

import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Counterparts whose shapes are not all the same. */
final class Shapes {
    private Shapes() {}

    /** Why tensors cannot be mixed: they differ in their shapes, or in their kinds; null if they can. */
    static Reason difference(List<TensorInfo> tensors) {
        TensorInfo pattern = tensors.get(0);
        for (TensorInfo tensor : tensors) {
            if (!isSame(tensor.shape(), pattern.shape())) {
                return Reason.SHAPES_DIFFER;
            }
            if (!isMixed(tensor.dtype(), pattern.dtype())) {
                return Reason.TYPES_DIFFER;
            }
        }
        return null;
    }

    /** Whether values of two types go together: floats are averaged, of integers and booleans the first are taken. */
    private static boolean isMixed(DType a, DType b) {
        return a == b || a.kind() == b.kind() && a.kind() != DType.Kind.PACKED || isWhole(a) && isWhole(b);
    }

    private static boolean isWhole(DType dtype) {
        return dtype.kind() == DType.Kind.INTEGER || dtype.kind() == DType.Kind.BOOLEAN;
    }

    /**
     * Whether two shapes are the same, or one has sizes of 1 in addition: {@code [1]} and {@code []}, or a convolution's {@code
     * [n, m, 1, 1]} and a matrix.
     */
    private static boolean isSame(List<Long> a, List<Long> b) {
        return a.equals(b) || a.size() != b.size() && withoutOnes(a).equals(withoutOnes(b));
    }

    private static List<Long> withoutOnes(List<Long> shape) {
        List<Long> sizes = new ArrayList<>(shape);
        sizes.removeIf(size -> size == 1);
        return sizes;
    }

    /** Gives tensors the first one's shape, from which they differ by sizes of 1 at most; returns whether one did. */
    static boolean asTheFirst(List<TensorInfo> tensors) {
        List<Long> shape = tensors.get(0).shape();
        boolean differed = false;
        for (int k = 1; k < tensors.size(); k++) {
            TensorInfo tensor = tensors.get(k);
            if (!tensor.shape().equals(shape)) {
                tensors.set(k, shaped(tensor, shape, tensor.offset()));
                differed = true;
            }
        }
        return differed;
    }

    /** Whether tensors differ in their first size alone, and have types that go together. */
    static boolean differInRows(List<TensorInfo> tensors) {
        TensorInfo pattern = tensors.get(0);
        if (pattern.shape().isEmpty() || pattern.dtype().kind() == DType.Kind.PACKED) {
            return false;
        }
        List<Long> row = rowOf(pattern);
        for (TensorInfo tensor : tensors) {
            boolean mixed = pattern.dtype().isFloat() ? tensor.dtype().isFloat() : tensor.dtype() == pattern.dtype();
            if (tensor.shape().size() != pattern.shape().size()
                    || !rowOf(tensor).equals(row)
                    || !mixed) {
                return false;
            }
        }
        return true;
    }

    private static List<Long> rowOf(TensorInfo tensor) {
        return tensor.shape().subList(1, tensor.shape().size());
    }

    /** Tensors that {@link #differInRows} as the rows that all have, and parts of those that fewer have. */
    static Counterparts byRows(List<Integer> ingredients, List<TensorInfo> tensors) {
        TreeSet<Long> ends = new TreeSet<>();
        tensors.forEach(tensor -> ends.add(tensor.shape().get(0)));
        List<Counterparts> parts = new ArrayList<>();
        long from = 0;
        for (long end : ends) {
            List<Integer> having = new ArrayList<>();
            List<TensorInfo> rows = new ArrayList<>();
            for (int k = 0; k < tensors.size(); k++) {
                if (tensors.get(k).shape().get(0) >= end) {
                    having.add(ingredients.get(k));
                    rows.add(rows(tensors.get(k), from, end));
                }
            }
            boolean oneType =
                    rows.stream().allMatch(t -> t.dtype() == rows.get(0).dtype());
            parts.add(new Counterparts(having, rows, oneType));
            from = end;
        }
        Counterparts common = parts.get(0);
        return new Counterparts(
                common.ingredients(),
                common.tensors(),
                common.oneType(),
                false,
                List.copyOf(parts.subList(1, parts.size())));
    }

    private static TensorInfo rows(TensorInfo tensor, long from, long end) {
        long rowBytes =
                tensor.shape().get(0) == 0 ? 0 : tensor.bytes() / tensor.shape().get(0);
        List<Long> shape = new ArrayList<>(tensor.shape());
        shape.set(0, end - from);
        return shaped(tensor, shape, tensor.offset() + from * rowBytes);
    }

    private static TensorInfo shaped(TensorInfo tensor, List<Long> shape, long offset) {
        long bytes = new TensorSpec(tensor.name(), tensor.dtype(), shape).bytes();
        return new TensorInfo(tensor.name(), tensor.dtype(), shape, tensor.source(), offset, bytes);
    }
}
