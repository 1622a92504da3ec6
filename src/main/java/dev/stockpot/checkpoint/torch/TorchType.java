package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.DType;
import java.util.EnumMap;
import java.util.Map;

/**
 * How a PyTorch file names an element type: by the class of the storage ({@code torch/storage.py},
 * {@code _dtype_to_storage_type_map}) or, for the types that came later ({@code _new_dtypes} there), by a dtype beside a
 * storage of plain bytes.
 *
 * @param storage the class in the module {@code torch}, or null
 * @param dtype the dtype in the module {@code torch}, or null where the storage says it
 */
record TorchType(String storage, String dtype) {
    private static final Map<DType, TorchType> BY_DTYPE = new EnumMap<>(DType.class);

    static {
        typed(DType.F64, "DoubleStorage");
        typed(DType.F32, "FloatStorage");
        typed(DType.F16, "HalfStorage");
        typed(DType.BF16, "BFloat16Storage");
        typed(DType.I64, "LongStorage");
        typed(DType.I32, "IntStorage");
        typed(DType.I16, "ShortStorage");
        typed(DType.I8, "CharStorage");
        typed(DType.U8, "ByteStorage");
        typed(DType.BOOL, "BoolStorage");
        typed(DType.C64, "ComplexFloatStorage");
        untyped(DType.F8_E4M3, "float8_e4m3fn");
        untyped(DType.F8_E5M2, "float8_e5m2");
        untyped(DType.F8_E8M0, "float8_e8m0fnu");
        untyped(DType.U16, "uint16");
        untyped(DType.U32, "uint32");
        untyped(DType.U64, "uint64");
    }

    private static void typed(DType dtype, String storage) {
        BY_DTYPE.put(dtype, new TorchType(storage, null));
    }

    private static void untyped(DType dtype, String name) {
        BY_DTYPE.put(dtype, new TorchType(null, name));
    }

    /** The name of {@code dtype}, or null where PyTorch has none: types of 4 and 6 bits. */
    static TorchType of(DType dtype) {
        return BY_DTYPE.get(dtype);
    }
}
