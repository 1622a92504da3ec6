package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.checkpoint.torch.pickle.Value.Bytes;
import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Int;
import dev.stockpot.checkpoint.torch.pickle.Value.Made;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import dev.stockpot.checkpoint.torch.pickle.Value.Text;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * NumPy's arrays in a pickle (NumPy, {@code array_reduce} and {@code array_setstate} in {@code methods.c}; {@code
 * _core/numeric.py}, {@code _frombuffer}), read as tensors: the type, the shape, the order and the values are all in plain
 * sight.
 */
public final class NumpyArray {
    /** By kind and width; {@code ml_dtypes} has the rest. */
    private static final Map<String, DType> TYPES = Map.ofEntries(
            Map.entry("f8", DType.F64),
            Map.entry("f4", DType.F32),
            Map.entry("f2", DType.F16),
            Map.entry("i8", DType.I64),
            Map.entry("i4", DType.I32),
            Map.entry("i2", DType.I16),
            Map.entry("i1", DType.I8),
            Map.entry("u8", DType.U64),
            Map.entry("u4", DType.U32),
            Map.entry("u2", DType.U16),
            Map.entry("u1", DType.U8),
            Map.entry("b1", DType.BOOL),
            Map.entry("ml_dtypes.bfloat16", DType.BF16),
            Map.entry("ml_dtypes.float8_e4m3fn", DType.F8_E4M3),
            Map.entry("ml_dtypes.float8_e5m2", DType.F8_E5M2));

    private NumpyArray() {}

    /** Whether {@code value} is an array, of whatever type. */
    public static boolean isArray(Value value) {
        return value instanceof Made made && (isRebuilt(made) || isFromBuffer(made));
    }

    private static boolean isRebuilt(Made made) {
        return isNumpys("_reconstruct", made);
    }

    private static boolean isFromBuffer(Made made) {
        return isNumpys("_frombuffer", made);
    }

    private static boolean isNumpys(String function, Made made) {
        return made.call().callee() instanceof Global global
                && global.name().equals(function)
                && global.module().startsWith("numpy.");
    }

    /** The parts of an array. */
    private record Parts(Value type, Value shape, boolean fortran, Value values) {}

    private static Parts parts(Made made) {
        if (isFromBuffer(made)) {
            List<Value> given = made.call().arguments().items();
            boolean fortran = given.size() > 3
                    && given.get(3) instanceof Text order
                    && order.value().equals("F");
            return given.size() < 3 ? null : new Parts(given.get(1), given.get(2), fortran, given.get(0));
        }
        // Version 0 had no number in front.
        List<Value> state = made.state() instanceof Sequence sequence ? sequence.items() : List.of();
        int at = state.size() - 4;
        if (at != 0 && at != 1) {
            return null;
        }
        boolean fortran = state.get(at + 2) instanceof Value.Bool flag && flag.value();
        return new Parts(state.get(at + 1), state.get(at), fortran, state.get(at + 3));
    }

    /**
     * The tensor that an array is; null if it is none, or of a type that tensors have not, such as text.
     *
     * @param name of the tensor
     * @throws CheckpointException if it contradicts itself, or its values were too long to be kept
     */
    public static Tensor tensor(Path file, Made array, String name) {
        if (array.tensor() != null) {
            return array.tensor();
        }
        Parts parts = isArray(array) ? parts(array) : null;
        DType dtype = parts == null ? null : dtype(parts.type());
        if (dtype == null) {
            return null;
        }
        if (parts.values() instanceof Value.Plain) {
            throw new CheckpointException(
                    Reason.UNSUPPORTED,
                    file,
                    "tensor " + Printable.name(name)
                            + " is a NumPy array too long to be read from a pickle of this protocol",
                    Details.of().tensor(name).hint("save it as a tensor: torch.from_numpy(array)"));
        }
        long[] shape = shape(parts.shape());
        if (!(parts.values() instanceof Bytes values)) {
            return null;
        }
        if (shape == null) {
            throw damaged(file, name);
        }
        byte[] bytes = values.value();
        long elements = elements(shape);
        int width = dtype.bits() / 8;
        if (elements < 0 || elements != bytes.length / width || bytes.length % width != 0) {
            throw damaged(file, name);
        }
        Value.Held held = new Value.Held(bytes, isBigEndian(parts.type()));
        Value.Storage storage = new Value.Storage("of the array " + name, dtype, width, elements, 0, null, held);
        long[] strides = strides(shape, parts.fortran());
        Tensor tensor = new Tensor(storage, dtype, 0, shape, strides, false, false);
        array.setTensor(tensor);
        return tensor;
    }

    private static CheckpointException damaged(Path file, String name) {
        return new CheckpointException(
                Reason.DAMAGED,
                file,
                "tensor " + Printable.name(name) + " is a NumPy array whose shape, type and values do not fit together",
                Details.of().tensor(name));
    }

    private static DType dtype(Value type) {
        if (!(type instanceof Made made) || made.call().arguments().items().isEmpty()) {
            return null;
        }
        Value which = made.call().arguments().items().get(0);
        return which instanceof Text text
                ? TYPES.get(text.value())
                : which instanceof Global global ? TYPES.get(global.dotted()) : null;
    }

    /** The byte order is the second part of the type's state; without one it is this machine's, which is little-endian. */
    private static boolean isBigEndian(Value type) {
        return ((Made) type).state() instanceof Sequence state
                && state.items().size() > 1
                && state.items().get(1) instanceof Text order
                && order.value().equals(">");
    }

    private static long[] shape(Value sizes) {
        if (!(sizes instanceof Sequence sequence) || sequence.items().size() > Tensor.MOST_DIMENSIONS) {
            return null;
        }
        long[] shape = new long[sequence.items().size()];
        for (int k = 0; k < shape.length; k++) {
            if (!(sequence.items().get(k) instanceof Int size) || size.value() < 0) {
                return null;
            }
            shape[k] = size.value();
        }
        return shape;
    }

    /** Negative if there are too many to count. */
    private static long elements(long[] shape) {
        long elements = 1;
        for (long size : shape) {
            if (size > 0 && elements > Long.MAX_VALUE / size) {
                return -1;
            }
            elements *= size;
        }
        return elements;
    }

    private static long[] strides(long[] shape, boolean fortran) {
        long[] strides = new long[shape.length];
        long step = 1;
        for (int k = 0; k < shape.length; k++) {
            int d = fortran ? k : shape.length - 1 - k;
            strides[d] = step;
            step *= Math.max(1, shape[d]);
        }
        return strides;
    }
}
