package dev.stockpot.checkpoint.numpy;

import dev.stockpot.tensor.DType;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * NumPy's names of types. It has none for BF16, and writes it as two bytes of no meaning; big_vision's {@code
 * recover_dtype} reads these back as BF16. Eight bits of no meaning may be either of two types, and are not taken for one;
 * the names of {@code ml_dtypes} are.
 */
final class NpyTypes {
    private static final Map<String, DType> BY_CODE = new LinkedHashMap<>();

    static {
        BY_CODE.put("f4", DType.F32);
        BY_CODE.put("f2", DType.F16);
        BY_CODE.put("V2", DType.BF16);
        BY_CODE.put("f8", DType.F64);
        BY_CODE.put("b1", DType.BOOL);
        BY_CODE.put("u1", DType.U8);
        BY_CODE.put("i1", DType.I8);
        BY_CODE.put("u2", DType.U16);
        BY_CODE.put("i2", DType.I16);
        BY_CODE.put("u4", DType.U32);
        BY_CODE.put("i4", DType.I32);
        BY_CODE.put("u8", DType.U64);
        BY_CODE.put("i8", DType.I64);
        BY_CODE.put("c8", DType.C64);
        BY_CODE.put("c16", DType.C128);
        // What ml_dtypes calls its types: f1 in files, the others in programs.
        BY_CODE.put("f1", DType.F8_E5M2);
        BY_CODE.put("bfloat16", DType.BF16);
        BY_CODE.put("float8_e4m3fn", DType.F8_E4M3);
        BY_CODE.put("float8_e5m2", DType.F8_E5M2);
    }

    private NpyTypes() {}

    /** The type that {@code descr} names; null if it is none that tensors have. */
    static DType of(String descr) {
        boolean ordered = !descr.isEmpty() && "<>|=".indexOf(descr.charAt(0)) >= 0;
        return BY_CODE.get(ordered ? descr.substring(1) : descr);
    }

    /** The little-endian name of a type: {@code own} if it is one, as a file has it. Null if NumPy has none. */
    static String descr(DType dtype, String own) {
        if (of(own) == dtype) {
            return own.replace('>', '<');
        }
        if (dtype.isFloat() && dtype.bits() == 8) {
            return null;
        }
        for (Map.Entry<String, DType> entry : BY_CODE.entrySet()) {
            if (entry.getValue() == dtype) {
                return (dtype.bits() == 8 || dtype == DType.BF16 ? "|" : "<") + entry.getKey();
            }
        }
        return null;
    }
}
