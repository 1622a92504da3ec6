package dev.stockpot.tensor;

import java.nio.ByteBuffer;

/**
 * Reads and writes elements of the float types, one at a time. Every value of every type is exact as a double, and a
 * double is rounded once, to nearest even, to the type.
 */
public final class FloatFormat {
    /** A small type: how it rounds, and its codes past the largest finite value. */
    private record Small(int fractionBits, int bias, int largest, int overflow, int nan, int signShift) {}

    private static final Small F16 = new Small(10, 15, 0x7BFF, 0x7C00, 0x7E00, 15);
    private static final Small BF16 = new Small(7, 127, 0x7F7F, 0x7F80, 0x7FC0, 15);
    private static final Small E5M2 = new Small(2, 15, 0x7B, 0x7C, 0x7E, 7);
    // No infinities, and one NaN: see "FP8 Formats for Deep Learning" (Micikevicius et al., 2022), table 1.
    private static final Small E4M3 = new Small(3, 7, 0x7E, 0x7F, 0x7F, 7);

    private FloatFormat() {}

    /** The value at a byte position of a little-endian buffer. */
    public static double decode(DType dtype, ByteBuffer from, int at) {
        return switch (dtype) {
            case F64 -> from.getDouble(at);
            case F32 -> from.getFloat(at);
            case F16 -> decode(F16, from.getShort(at));
            case BF16 -> decode(BF16, from.getShort(at));
            case F8_E5M2 -> decode(E5M2, from.get(at));
            case F8_E4M3 -> decode(E4M3, from.get(at));
            default -> throw new IllegalArgumentException("cannot mix elements of type " + dtype);
        };
    }

    /** Writes a value, rounded to the type, at a byte position of a little-endian buffer; NaN is the positive quiet one. */
    public static void encode(DType dtype, double value, ByteBuffer to, int at) {
        switch (dtype) {
            case F64 -> to.putLong(at, Double.doubleToLongBits(value));
            case F32 -> to.putInt(at, Float.floatToIntBits((float) value));
            case F16 -> to.putShort(at, (short) encode(F16, value));
            case BF16 -> to.putShort(at, (short) encode(BF16, value));
            case F8_E5M2 -> to.put(at, (byte) encode(E5M2, value));
            case F8_E4M3 -> to.put(at, (byte) encode(E4M3, value));
            default -> throw new IllegalArgumentException("cannot mix elements of type " + dtype);
        }
    }

    private static double decode(Small type, int code) {
        int magnitude = code & ((1 << type.signShift) - 1);
        double sign = (code >> type.signShift & 1) == 0 ? 1 : -1;
        if (magnitude > type.largest) {
            return magnitude == type.overflow && type.overflow != type.nan
                    ? sign * Double.POSITIVE_INFINITY
                    : Double.NaN;
        }
        int exponent = magnitude >> type.fractionBits;
        int fraction = magnitude & ((1 << type.fractionBits) - 1);
        int significand = exponent == 0 ? fraction : fraction + (1 << type.fractionBits);
        return sign * Math.scalb((double) significand, Math.max(exponent, 1) - type.bias - type.fractionBits);
    }

    private static int encode(Small type, double value) {
        if (Double.isNaN(value)) {
            return type.nan;
        }
        int magnitude = roundMagnitude(type, Math.abs(value));
        if (magnitude == type.nan) {
            return type.nan; // without a sign, even if a negative value overflowed
        }
        return magnitude | (int) (Double.doubleToRawLongBits(value) >>> 63) << type.signShift;
    }

    private static int roundMagnitude(Small type, double value) {
        // Subnormal values share the exponent of the smallest normal ones.
        int exponent = Math.max(Math.getExponent(value), 1 - type.bias);
        if (exponent > type.bias + 1) {
            return type.overflow; // far past the largest, infinity included; so the shift below cannot overflow
        }
        // Scaling by a power of two is exact here, so rint is the only rounding.
        int significand = (int) Math.rint(Math.scalb(value, type.fractionBits - exponent));
        // A significand that was rounded up to the next power of two carries into the exponent, as it should.
        int code = ((exponent + type.bias - 1) << type.fractionBits) + significand;
        return code > type.largest ? type.overflow : code;
    }
}
