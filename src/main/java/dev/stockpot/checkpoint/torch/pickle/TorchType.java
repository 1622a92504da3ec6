package dev.stockpot.checkpoint.torch.pickle;

import dev.stockpot.checkpoint.torch.pickle.Value.Global;
import dev.stockpot.tensor.DType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * PyTorch's element types: how a file names each, by the class of the storage ({@code torch/storage.py},
 * {@code _dtype_to_storage_type_map}) or, for the types that came later ({@code _new_dtypes} there), by a dtype and a
 * storage of plain bytes. Types that cannot be read are not written either.
 *
 * @param dtype the element type, or null if safetensors has none for it or it cannot be read
 * @param storage the class in the module {@code torch}, or null if a dtype names the type
 * @param names of the dtype in the module {@code torch}, the usual one first
 * @param width bytes per element; 0 if unknown
 * @param unsupported why it cannot be read, or null
 */
public record TorchType(DType dtype, String storage, List<String> names, int width, String unsupported) {
    private static final String QUANTIZED = "a quantized tensor";

    private static final List<TorchType> ALL = List.of(
            typed(DType.F64, "DoubleStorage", "float64", "double"),
            typed(DType.F32, "FloatStorage", "float32", "float"),
            typed(DType.F16, "HalfStorage", "float16", "half"),
            typed(DType.BF16, "BFloat16Storage", "bfloat16"),
            typed(DType.I64, "LongStorage", "int64", "long"),
            typed(DType.I32, "IntStorage", "int32", "int"),
            typed(DType.I16, "ShortStorage", "int16", "short"),
            typed(DType.I8, "CharStorage", "int8"),
            typed(DType.U8, "ByteStorage", "uint8"),
            typed(DType.BOOL, "BoolStorage", "bool"),
            typed(DType.F8_E4M3, null, "float8_e4m3fn"),
            typed(DType.F8_E5M2, null, "float8_e5m2"),
            typed(DType.F8_E8M0, null, "float8_e8m0fnu"),
            typed(DType.U16, null, "uint16"),
            typed(DType.U32, null, "uint32"),
            typed(DType.U64, null, "uint64"),
            typed(DType.C64, "ComplexFloatStorage", "complex64", "cfloat"),
            typed(DType.C128, "ComplexDoubleStorage", "complex128", "cdouble"),
            unread("QInt32Storage", 4, QUANTIZED, "qint32"),
            unread("QInt8Storage", 1, QUANTIZED, "qint8"),
            unread("QUInt8Storage", 1, QUANTIZED, "quint8"),
            unread("QUInt4x2Storage", 1, QUANTIZED, "quint4x2"),
            unread("QUInt2x4Storage", 1, QUANTIZED, "quint2x4"),
            new TorchType(null, "UntypedStorage", List.of(), 1, null),
            new TorchType(null, "_UntypedStorage", List.of(), 1, null));

    private static final Map<DType, TorchType> BY_DTYPE = new HashMap<>();
    private static final Map<String, TorchType> BY_STORAGE = new HashMap<>();
    private static final Map<String, TorchType> BY_NAME = new HashMap<>();

    static {
        for (TorchType type : ALL) {
            BY_DTYPE.put(type.dtype, type);
            BY_STORAGE.put(type.storage, type);
            type.names.forEach(name -> BY_NAME.put(name, type));
        }
        BY_DTYPE.remove(null);
        BY_STORAGE.remove(null);
    }

    private static TorchType typed(DType dtype, String storage, String... names) {
        return new TorchType(dtype, storage, List.of(names), dtype.bits() / 8, null);
    }

    private static TorchType unread(String storage, int width, String what, String... names) {
        return new TorchType(null, storage, List.of(names), width, what);
    }

    /** How {@code dtype} is named, or null if PyTorch has no name for it (4 and 6 bits) or it cannot be read back. */
    public static TorchType of(DType dtype) {
        return BY_DTYPE.get(dtype);
    }

    /** What a storage of the class {@code global} holds. */
    public static TorchType ofStorage(Global global) {
        boolean known = global.module().equals("torch")
                || global.module().equals("torch.cuda")
                || global.module().equals("torch.storage");
        TorchType type = known ? BY_STORAGE.get(global.name()) : null;
        return type != null ? type : unread(global.name(), 0, "values of the unknown type " + global.dotted());
    }

    /** The element type that a dtype stands for, or null if there is none that can be read. */
    static DType ofDtype(Global global) {
        return isDtype(global) ? BY_NAME.get(global.name()).dtype : null;
    }

    /** Whether {@code global} is a dtype. */
    public static boolean isDtype(Global global) {
        return global.module().equals("torch") && BY_NAME.containsKey(global.name());
    }
}
