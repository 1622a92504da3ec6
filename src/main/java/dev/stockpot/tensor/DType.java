package dev.stockpot.tensor;

/**
 * The element types of the safetensors format, in its own order (by alignment). Tensors are written in this order, last
 * first. Only the last is not one of them.
 */
public enum DType {
    BOOL(8, Kind.BOOLEAN),
    F4(4, Kind.PACKED),
    F6_E2M3(6, Kind.PACKED),
    F6_E3M2(6, Kind.PACKED),
    U8(8, Kind.INTEGER),
    I8(8, Kind.INTEGER),
    F8_E5M2(8, Kind.FLOAT),
    F8_E4M3(8, Kind.FLOAT),
    F8_E8M0(8, Kind.PACKED),
    I16(16, Kind.INTEGER),
    U16(16, Kind.INTEGER),
    F16(16, Kind.FLOAT),
    BF16(16, Kind.FLOAT),
    I32(32, Kind.INTEGER),
    U32(32, Kind.INTEGER),
    F32(32, Kind.FLOAT),
    C64(64, Kind.PACKED),
    F64(64, Kind.FLOAT),
    I64(64, Kind.INTEGER),
    U64(64, Kind.INTEGER),
    /** Complex numbers of two F64, which safetensors has no type for: only PyTorch files hold them. */
    C128(128, Kind.PACKED);

    /** What can be done with a type's values. */
    public enum Kind {
        /** Averaged. */
        FLOAT,
        /** Taken from the first ingredient. */
        INTEGER,
        /** Taken from the first ingredient. */
        BOOLEAN,
        /** Carried byte for byte, never mixed: sub-byte and scale formats, complex numbers. */
        PACKED
    }

    private final int bits;
    private final Kind kind;

    DType(int bits, Kind kind) {
        this.bits = bits;
        this.kind = kind;
    }

    /** Bits per element: 4, 6, 8, 16, 32, 64 or 128. */
    public int bits() {
        return bits;
    }

    /** What can be done with the values. */
    public Kind kind() {
        return kind;
    }

    /** Whether a value is a pair of numbers, each half as wide. */
    public boolean isComplex() {
        return this == C64 || this == C128;
    }

    /** Whether kernels mix it: F64, F32, F16, BF16, F8_E4M3 or F8_E5M2. */
    public boolean isFloat() {
        return kind == Kind.FLOAT;
    }

    /** How many values fit into {@code bytes}. */
    public long elements(long bytes) {
        return Math.multiplyExact(bytes, 8L) / bits;
    }

    /**
     * Bytes that {@code elements} values take.
     *
     * @throws ArithmeticException if that overflows or is not a whole number of bytes
     */
    public long bytes(long elements) {
        long total = Math.multiplyExact(elements, (long) bits);
        if (total % 8 != 0) {
            throw new ArithmeticException(elements + " elements of " + name() + " are not a whole number of bytes");
        }
        return total / 8;
    }
}
