package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.torch.pickle.NumpyArray;
import dev.stockpot.checkpoint.torch.pickle.Value;
import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.checkpoint.torch.pickle.Value.Opaque;
import dev.stockpot.checkpoint.torch.pickle.Value.Sequence;
import dev.stockpot.checkpoint.torch.pickle.Value.Tensor;
import java.util.List;

/** What values are, in a word that Python's users know. */
final class Kinds {
    private Kinds() {}

    /** Whether {@code value} is a tensor, even one that cannot be read. */
    static boolean isTensor(Value value) {
        return value instanceof Tensor || (value instanceof Opaque opaque && opaque.why() != null);
    }

    /** Such as {@code float}, or the name of what makes an object. */
    static String of(Value value) {
        if (value instanceof Value.Made made) {
            return NumpyArray.isArray(value) ? "a NumPy array" : made(made.call());
        }
        if (value instanceof Opaque opaque) {
            return opaque.why() != null ? opaque.why() : opaque.global();
        }
        if (value instanceof Global global) {
            return global.dotted();
        }
        if (value instanceof Value.Plain plain) {
            return plain.type();
        }
        if (value instanceof Value.Module module) {
            return module.type().dotted();
        }
        if (value instanceof Sequence sequence) {
            return switch (sequence.kind()) {
                case LIST -> "list";
                case TUPLE -> "tuple";
                case SIZE -> "torch.Size";
                case SET -> "set";
            };
        }
        return simple(value);
    }

    private static String made(Value.Made.Call call) {
        List<Value> arguments = call.arguments().items();
        if (!(call.callee() instanceof Global callee)) {
            return of(call.callee());
        }
        return switch (callee.dotted()) {
            case "copyreg._reconstructor", "copy_reg._reconstructor" -> of(arguments.get(0));
            case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar" -> "a NumPy number";
            default -> callee.dotted();
        };
    }

    private static String simple(Value value) {
        if (value instanceof Value.Int || value instanceof Value.BigInt) {
            return "int";
        }
        if (value instanceof Value.Real) {
            return "float";
        }
        if (value instanceof Value.Bool) {
            return "bool";
        }
        if (value instanceof Value.Text) {
            return "str";
        }
        if (value instanceof Value.Bytes) {
            return "bytes";
        }
        if (value instanceof Value.Dict) {
            return "dict";
        }
        if (value instanceof Tensor) {
            return "tensor";
        }
        return value instanceof Value.Device ? "torch.device" : value instanceof Value.None ? "None" : "a storage";
    }
}
