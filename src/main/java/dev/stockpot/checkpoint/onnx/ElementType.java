package dev.stockpot.checkpoint.onnx;

import dev.stockpot.tensor.DType;

/**
 * The element types of ONNX (onnx.proto, {@code TensorProto.DataType}), by their numbers.
 */
enum ElementType {
    UNDEFINED(null, 0),
    FLOAT(DType.F32, TensorProto.FLOAT_DATA),
    UINT8(DType.U8, TensorProto.INT32_DATA),
    INT8(DType.I8, TensorProto.INT32_DATA),
    UINT16(DType.U16, TensorProto.INT32_DATA),
    INT16(DType.I16, TensorProto.INT32_DATA),
    INT32(DType.I32, TensorProto.INT32_DATA),
    INT64(DType.I64, TensorProto.INT64_DATA),
    STRING(null, 0),
    BOOL(DType.BOOL, TensorProto.INT32_DATA),
    FLOAT16(DType.F16, TensorProto.INT32_DATA),
    DOUBLE(DType.F64, TensorProto.DOUBLE_DATA),
    UINT32(DType.U32, TensorProto.UINT64_DATA),
    UINT64(DType.U64, TensorProto.UINT64_DATA),
    COMPLEX64(DType.C64, TensorProto.FLOAT_DATA),
    COMPLEX128(DType.C128, TensorProto.DOUBLE_DATA),
    BFLOAT16(DType.BF16, TensorProto.INT32_DATA),
    FLOAT8E4M3FN(DType.F8_E4M3, TensorProto.INT32_DATA),
    FLOAT8E4M3FNUZ(null, 0),
    FLOAT8E5M2(DType.F8_E5M2, TensorProto.INT32_DATA),
    FLOAT8E5M2FNUZ(null, 0),
    UINT4(DType.U8, TensorProto.INT32_DATA),
    INT4(DType.U8, TensorProto.INT32_DATA),
    FLOAT4E2M1(DType.F4, TensorProto.INT32_DATA),
    FLOAT8E8M0(DType.F8_E8M0, TensorProto.INT32_DATA),
    UINT2(DType.U8, TensorProto.INT32_DATA),
    INT2(DType.U8, TensorProto.INT32_DATA),
    FLOAT6E2M3(null, 0),
    FLOAT6E3M2(null, 0);

    private static final ElementType[] BY_NUMBER = values();

    private final DType dtype;
    private final int field;

    ElementType(DType dtype, int field) {
        this.dtype = dtype;
        this.field = field;
    }

    /** The type of a number; null if there is none. */
    static ElementType of(long number) {
        return number > 0 && number < BY_NUMBER.length ? BY_NUMBER[(int) number] : null;
    }

    /** The type that its values are read as; null if they are not read. Integers of 4 or 2 bits are read as bytes. */
    DType dtype() {
        return dtype;
    }

    /** The field that holds its values one by one; 0 if none is read. */
    int field() {
        return field;
    }

    /** How many integers share a byte; 1 if they do not. */
    int perByte() {
        return switch (this) {
            case UINT4, INT4 -> 2;
            case UINT2, INT2 -> 4;
            default -> 1;
        };
    }
}
