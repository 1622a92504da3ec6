package dev.stockpot.checkpoint.gguf;

import dev.stockpot.tensor.DType;

/**
 * Types of tensors ({@code enum ggml_type} in ggml.h). Those of blocks are decoded as ggml's reference does
 * ({@code dequantize_row_*} in ggml-quants.c), in F32.
 */
enum GgufType {
    F32(0, DType.F32),
    F16(1, DType.F16),
    Q4_0(2, 32, 18, LegacyBlocks::q4),
    Q4_1(3, 32, 20, LegacyBlocks::q4Offset),
    Q5_0(6, 32, 22, LegacyBlocks::q5),
    Q5_1(7, 32, 24, LegacyBlocks::q5Offset),
    Q8_0(8, 32, 34, LegacyBlocks::q8),
    Q2_K(10, 256, 84, SuperBlocks::q2),
    Q3_K(11, 256, 110, SuperBlocks::q3),
    Q4_K(12, 256, 144, SuperBlocks::q4),
    Q5_K(13, 256, 176, SuperBlocks::q5),
    Q6_K(14, 256, 210, SuperBlocks::q6),
    I8(24, DType.I8),
    I16(25, DType.I16),
    I32(26, DType.I32),
    I64(27, DType.I64),
    F64(28, DType.F64),
    BF16(30, DType.BF16);

    /** Those that are known by name alone. */
    private static final String[] OTHERS = {
        "Q8_1 9",
        "Q8_K 15",
        "IQ2_XXS 16",
        "IQ2_XS 17",
        "IQ3_XXS 18",
        "IQ1_S 19",
        "IQ4_NL 20",
        "IQ3_S 21",
        "IQ2_S 22",
        "IQ4_XS 23",
        "IQ1_M 29",
        "Q4_0_4_4 31",
        "Q4_0_4_8 32",
        "Q4_0_8_8 33",
        "TQ1_0 34",
        "TQ2_0 35",
        "MXFP4 39",
        "NVFP4 40"
    };

    /** Decodes one block. */
    @FunctionalInterface
    interface Decoder {
        /** Decodes the block at {@code in} of {@code bytes} to {@code values} from {@code out} on. */
        void decode(Block bytes, float[] values, int out);
    }

    private final int code;
    private final DType dtype;
    private final int blockElements;
    private final int blockBytes;
    private final Decoder decoder;

    GgufType(int code, DType dtype) {
        this(code, dtype, 1, dtype.bits() / 8, null);
    }

    GgufType(int code, int blockElements, int blockBytes, Decoder decoder) {
        this(code, DType.F32, blockElements, blockBytes, decoder);
    }

    GgufType(int code, DType dtype, int blockElements, int blockBytes, Decoder decoder) {
        this.code = code;
        this.dtype = dtype;
        this.blockElements = blockElements;
        this.blockBytes = blockBytes;
        this.decoder = decoder;
    }

    /** The type that a file means by a number; null if it is not known. */
    static GgufType of(int code) {
        for (GgufType type : values()) {
            if (type.code == code) {
                return type;
            }
        }
        return null;
    }

    /** The type of plain values; null if the format has none for them. */
    static GgufType of(DType dtype) {
        for (GgufType type : values()) {
            if (type.dtype == dtype && !type.isQuantised()) {
                return type;
            }
        }
        return null;
    }

    /** What a number means that is none of these. */
    static String name(int code) {
        for (String other : OTHERS) {
            if (other.endsWith(" " + code)) {
                return other.substring(0, other.indexOf(' '));
            }
        }
        return "number " + Integer.toUnsignedString(code);
    }

    int code() {
        return code;
    }

    /** The type of the values; F32 of those that are decoded. */
    DType dtype() {
        return dtype;
    }

    boolean isQuantised() {
        return decoder != null;
    }

    /** Values in a block; 1 if there are no blocks. */
    int blockElements() {
        return blockElements;
    }

    int blockBytes() {
        return blockBytes;
    }

    Decoder decoder() {
        return decoder;
    }

    /**
     * Bytes that values take.
     *
     * @throws ArithmeticException if that overflows
     */
    long bytes(long elements) {
        return Math.multiplyExact(elements / blockElements, (long) blockBytes);
    }
}
