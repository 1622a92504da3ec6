package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.DType;
import dev.stockpot.checkpoint.torch.Value.Global;
import dev.stockpot.checkpoint.torch.Value.Int;
import dev.stockpot.checkpoint.torch.Value.Sequence;
import dev.stockpot.checkpoint.torch.Value.Text;
import dev.stockpot.error.CheckpointException;
import java.nio.file.Path;
import java.util.List;

/** PyTorch's names of element types, as storage classes and as dtypes. */
final class StorageTypes {
    private StorageTypes() {}

    /** What is known of a type. */
    private record Type(DType dtype, int width, String unsupported) {
        static Type of(DType dtype) {
            return new Type(dtype, dtype.bits() / 8, null);
        }

        static Type none(int width, String what) {
            return new Type(null, width, what);
        }
    }

    /**
     * A storage's persistent id: {@code ("storage", class, key, location, elements)}, and in the legacy format a view
     * {@code (key, first element, elements)} or None after these (PyTorch, {@code torch/serialization.py}).
     */
    static Value.Storage storage(Path file, List<Value> id) {
        boolean shaped = id.size() >= 5
                && id.get(1) instanceof Global
                && id.get(2) instanceof Text
                && id.get(3) instanceof Text
                && id.get(4) instanceof Int;
        if (!shaped) {
            throw new CheckpointException(file, "its pickle describes a storage in a way that PyTorch does not");
        }
        Global global = (Global) id.get(1);
        String key = ((Text) id.get(2)).value();
        long elements = ((Int) id.get(4)).value();
        long first = 0;
        if (id.size() > 5 && id.get(5) instanceof Sequence view) {
            List<Value> parts = view.items();
            boolean viewed = parts.size() == 3 && parts.get(1) instanceof Int && parts.get(2) instanceof Int;
            if (!viewed) {
                throw new CheckpointException(file, "its pickle describes a view of the storage " + key + " wrongly");
            }
            first = ((Int) parts.get(1)).value();
            elements = ((Int) parts.get(2)).value();
        }
        if (elements < 0 || first < 0) {
            throw new CheckpointException(file, "its storage " + key + " has a negative size");
        }
        Type type = ofStorage(global);
        String why =
                ((Text) id.get(3)).value().startsWith("meta") ? "a tensor without values (meta)" : type.unsupported();
        return new Value.Storage(key, type.dtype(), type.width(), elements, first, why);
    }

    private static Type ofStorage(Global global) {
        boolean known = global.module().equals("torch")
                || global.module().equals("torch.cuda")
                || global.module().equals("torch.storage");
        String name = known ? global.name() : "";
        return switch (name) {
            case "DoubleStorage" -> Type.of(DType.F64);
            case "FloatStorage" -> Type.of(DType.F32);
            case "HalfStorage" -> Type.of(DType.F16);
            case "BFloat16Storage" -> Type.of(DType.BF16);
            case "LongStorage" -> Type.of(DType.I64);
            case "IntStorage" -> Type.of(DType.I32);
            case "ShortStorage" -> Type.of(DType.I16);
            case "CharStorage" -> Type.of(DType.I8);
            case "ByteStorage" -> Type.of(DType.U8);
            case "BoolStorage" -> Type.of(DType.BOOL);
            case "UntypedStorage", "_UntypedStorage" -> new Type(null, 1, null);
            case "ComplexDoubleStorage" -> Type.none(16, "complex numbers (complex128)");
            case "ComplexFloatStorage" -> Type.none(8, "complex numbers (complex64)");
            case "QInt8Storage", "QUInt8Storage", "QUInt4x2Storage", "QUInt2x4Storage" ->
                Type.none(1, "a quantized tensor");
            case "QInt32Storage" -> Type.none(4, "a quantized tensor");
            default -> Type.none(0, "values of the unknown type " + global.dotted());
        };
    }

    /** The element type that a dtype's name stands for, or null where safetensors has none for it. */
    static DType ofDtype(Global global) {
        if (!global.module().equals("torch")) {
            return null;
        }
        return switch (global.name()) {
            case "float64", "double" -> DType.F64;
            case "float32", "float" -> DType.F32;
            case "float16", "half" -> DType.F16;
            case "bfloat16" -> DType.BF16;
            case "float8_e4m3fn" -> DType.F8_E4M3;
            case "float8_e5m2" -> DType.F8_E5M2;
            case "float8_e8m0fnu" -> DType.F8_E8M0;
            case "int64", "long" -> DType.I64;
            case "int32", "int" -> DType.I32;
            case "int16", "short" -> DType.I16;
            case "int8" -> DType.I8;
            case "uint64" -> DType.U64;
            case "uint32" -> DType.U32;
            case "uint16" -> DType.U16;
            case "uint8" -> DType.U8;
            case "bool" -> DType.BOOL;
            default -> null;
        };
    }
}
