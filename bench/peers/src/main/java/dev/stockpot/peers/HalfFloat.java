package dev.stockpot.peers;

/** IEEE 754 binary16 in integer arithmetic, since Java 17 has no conversion for it; finite numbers within its range only. */
final class HalfFloat {
    private HalfFloat() {}

    static float toFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int magnitude = half & 0x7FFF;
        if (magnitude < 0x0400) {
            float value = magnitude * 0x1p-24f;
            return sign == 0 ? value : -value;
        }
        return Float.intBitsToFloat(sign | (magnitude << 13) + (112 << 23));
    }

    /** Rounds to nearest, ties to even. */
    static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int magnitude = bits & 0x7FFFFFFF;
        if (magnitude < 0x38800000) {
            // Adding 0.5 rounds, and leaves a subnormal half's bits in the low bits of the sum.
            int rounded = Float.floatToRawIntBits(Float.intBitsToFloat(magnitude) + 0.5f) - 0x3F000000;
            return (short) (sign | rounded);
        }
        int rounded = magnitude - (112 << 23) + 0xFFF + (magnitude >>> 13 & 1);
        return (short) (sign | rounded >>> 13);
    }
}
