package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.checkpoint.torch.pickle.Value.Dict;
import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Int;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** What PyTorch's {@code _rebuild_...} functions (PyTorch, {@code torch/_utils.py} and {@code torch/_tensor.py}) describe. */
final class TensorRebuilder {
    private static final String UTILS = "torch._utils.";
    private static final Set<String> TENSOR_CLASSES = Set.of(
            "torch.Tensor",
            "torch._tensor.Tensor",
            "torch.nn.parameter.Parameter",
            "torch.nn.parameter.Buffer",
            "torch.nn.Parameter");

    private TensorRebuilder() {}

    /** Whether {@code name} is a function that makes a tensor. */
    public static boolean isKnown(String name) {
        return name.startsWith(UTILS + "_rebuild_") || name.startsWith("torch._tensor._rebuild_from_type");
    }

    /**
     * The tensor that a call describes; opaque if its kind is not supported.
     *
     * @throws CheckpointException if the arguments do not fit the function
     */
    public static Value call(Path file, String name, List<Value> arguments) {
        return switch (name) {
            case UTILS + "_rebuild_tensor" -> tensor(file, name, arguments, 4, null);
            case UTILS + "_rebuild_tensor_v2" -> tensor(file, name, arguments, 6, null);
            case UTILS + "_rebuild_tensor_v3" -> {
                if (arguments.size() < 7 || !(arguments.get(6) instanceof Global dtype)) {
                    throw wrong(file, name);
                }
                yield tensor(file, name, arguments, 7, dtype);
            }
            case UTILS + "_rebuild_parameter", UTILS + "_rebuild_parameter_with_state" ->
                parameter(file, name, arguments);
            case "torch._tensor._rebuild_from_type_v2", "torch._tensor._rebuild_from_type" ->
                fromType(file, name, arguments);
            case UTILS + "_rebuild_qtensor" -> new Opaque(name, "a quantized tensor");
            case UTILS + "_rebuild_sparse_tensor",
                    UTILS + "_rebuild_sparse_csr_tensor",
                    UTILS + "_rebuild_sparse_csc_tensor" -> new Opaque(name, "a sparse tensor");
            case UTILS + "_rebuild_meta_tensor_no_storage" -> new Opaque(name, "a tensor without values (meta)");
            case UTILS + "_rebuild_nested_tensor" -> new Opaque(name, "a nested tensor");
            default -> new Opaque(name, "a tensor of an unsupported kind (" + Printable.name(name) + ")");
        };
    }

    private static CheckpointException wrong(Path file, String name) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "its pickle calls " + Printable.name(name) + " with arguments that it does not take");
    }

    /** {@code (storage, offset, size, stride, requires_grad, hooks[, dtype][, metadata])}. */
    private static Value tensor(Path file, String name, List<Value> arguments, int known, Global dtypeName) {
        boolean shaped = arguments.size() >= 4
                && arguments.get(0) instanceof Value.Storage
                && arguments.get(1) instanceof Int
                && arguments.get(2) instanceof Sequence
                && arguments.get(3) instanceof Sequence;
        if (!shaped) {
            throw wrong(file, name);
        }
        Value.Storage storage = (Value.Storage) arguments.get(0);
        if (storage.unsupported() != null) {
            return new Opaque(name, storage.unsupported());
        }
        if (arguments.size() > known && arguments.get(known) instanceof Dict metadata && metadata.size() > 0) {
            return new Opaque(name, "a view that negates or conjugates its values");
        }
        DType dtype = dtypeName == null ? storage.dtype() : TorchType.ofDtype(dtypeName);
        if (dtype == null) {
            String what = dtypeName == null ? "no type" : "the type " + dtypeName.dotted();
            return new Opaque(name, "values of " + what);
        }
        long[] shape = sizes(file, name, (Sequence) arguments.get(2));
        long[] strides = sizes(file, name, (Sequence) arguments.get(3));
        long offset = ((Int) arguments.get(1)).value();
        if (shape.length != strides.length || offset < 0) {
            throw wrong(file, name);
        }
        boolean grad = arguments.size() > 4 && arguments.get(4) instanceof Value.Bool flag && flag.value();
        return new Tensor(storage, dtype, offset, shape, strides, false, grad);
    }

    private static long[] sizes(Path file, String name, Sequence values) {
        if (values.items().size() > Tensor.MOST_DIMENSIONS) {
            throw wrong(file, name);
        }
        long[] sizes = new long[values.items().size()];
        for (int k = 0; k < sizes.length; k++) {
            if (!(values.items().get(k) instanceof Int size) || size.value() < 0) {
                throw wrong(file, name);
            }
            sizes[k] = size.value();
        }
        return sizes;
    }

    /** {@code (tensor, requires_grad, hooks[, state])}. */
    private static Value parameter(Path file, String name, List<Value> arguments) {
        if (!arguments.isEmpty() && arguments.get(0) instanceof Tensor t) {
            boolean grad = arguments.size() < 2 || !(arguments.get(1) instanceof Value.Bool flag) || flag.value();
            return new Tensor(t.storage(), t.dtype(), t.offset(), t.shape(), t.strides(), true, grad);
        }
        if (!arguments.isEmpty() && arguments.get(0) instanceof Opaque opaque) {
            return opaque;
        }
        throw wrong(file, name);
    }

    /** {@code (function, type, arguments, state)}: a tensor or parameter with attributes, or of a subclass. */
    private static Value fromType(Path file, String name, List<Value> arguments) {
        boolean shaped = arguments.size() >= 3
                && arguments.get(0) instanceof Global
                && arguments.get(1) instanceof Global
                && arguments.get(2) instanceof Sequence;
        if (!shaped) {
            throw wrong(file, name);
        }
        String type = ((Global) arguments.get(1)).dotted();
        String function = ((Global) arguments.get(0)).dotted();
        if (!TENSOR_CLASSES.contains(type)) {
            return new Opaque(type, "a tensor of the unknown class " + type);
        }
        if (!function.startsWith(UTILS) || !isKnown(function)) {
            return new Opaque(function, null);
        }
        return call(file, function, ((Sequence) arguments.get(2)).items());
    }
}
