package dev.stockpot.kernel;

import dev.stockpot.tensor.DType;
import java.math.BigInteger;

/** A binary floating-point type in exact arithmetic; shares no code with the kernels. */
enum ExactType {
    F64(53, -1074, Double.MAX_VALUE, 0x7FF8000000000000L),
    F32(24, -149, Float.MAX_VALUE, 0x7FC00000L),
    F16(11, -24, 65504, 0x7E00),
    BF16(8, -133, 0x1.FEp127, 0x7FC0),
    F8_E5M2(3, -16, 57344, 0x7E),
    F8_E4M3(4, -9, 448, 0x7F);

    /** Significant bits. */
    private final int precision;
    /** The exponent of the smallest value above 0. */
    private final int smallest;

    private final double largest;
    private final long nan;

    ExactType(int precision, int smallest, double largest, long nan) {
        this.precision = precision;
        this.smallest = smallest;
        this.largest = largest;
        this.nan = nan;
    }

    static ExactType of(DType dtype) {
        return valueOf(dtype.name());
    }

    private int bits() {
        return DType.valueOf(name()).bits();
    }

    /** The value of some bits. The largest exponent is for infinity and NaN; E4M3 has no infinity, and one magnitude of NaN. */
    double decode(long raw) {
        long magnitude = raw & ((1L << (bits() - 1)) - 1);
        long exponent = magnitude >> (precision - 1);
        long fraction = magnitude & ((1L << (precision - 1)) - 1);
        boolean last = this == F8_E4M3 ? magnitude == 0x7F : exponent == (1L << (bits() - precision)) - 1;
        double value;
        if (last) {
            value = this == F8_E4M3 || fraction != 0 ? Double.NaN : Double.POSITIVE_INFINITY;
        } else if (exponent == 0) {
            value = Math.scalb((double) fraction, smallest);
        } else {
            value = Math.scalb((double) (fraction + (1L << (precision - 1))), smallest + (int) exponent - 1);
        }
        return (raw >> (bits() - 1) & 1) != 0 ? -value : value;
    }

    /** The bits of a value that this type has, or of its NaN if there is no infinity. */
    long encode(double value) {
        if (Double.isNaN(value) || this == F8_E4M3 && Double.isInfinite(value)) {
            return nan;
        }
        // Magnitudes grow with their bits, up to infinity and NaN.
        long low = 0;
        long above = 1L << (bits() - 2);
        above += above - 1;
        while (low < above) {
            long middle = above - (above - low) / 2;
            boolean fits = decode(middle) <= Math.abs(value);
            low = fits ? middle : low;
            above = fits ? above : middle - 1;
        }
        if (decode(low) != Math.abs(value)) {
            throw new IllegalArgumentException(value + " is no value of " + this);
        }
        return Double.doubleToRawLongBits(value) < 0 ? low | 1L << (bits() - 1) : low;
    }

    /** The value nearest to x / divisor, of two equally near the even one; beyond the largest, infinity. Neither is 0. */
    private double round(BigInteger x, BigInteger divisor) {
        int exponent = smallest;
        BigInteger[] parts = divide(x, divisor, exponent);
        int excess = parts[0].bitLength() - precision;
        if (excess > 0) {
            exponent += excess;
            parts = divide(x, divisor, exponent);
        }
        int half = parts[1].shiftLeft(1).compareTo(parts[2]);
        boolean up = half > 0 || half == 0 && parts[0].testBit(0);
        double units = (up ? parts[0].add(BigInteger.ONE) : parts[0]).doubleValue();
        // Beyond the largest double, this is infinity by itself.
        double magnitude = Math.scalb(units, exponent);
        double sized = magnitude > largest ? Double.POSITIVE_INFINITY : magnitude;
        return x.signum() == divisor.signum() ? sized : -sized;
    }

    /** The quotient in units of 2^exponent, the remainder, and what that is a part of. */
    private static BigInteger[] divide(BigInteger x, BigInteger divisor, int exponent) {
        BigInteger numerator = x.abs().shiftLeft(Math.max(0, -exponent));
        BigInteger denominator = divisor.abs().shiftLeft(Math.max(0, exponent));
        BigInteger[] parts = numerator.divideAndRemainder(denominator);
        return new BigInteger[] {parts[0], parts[1], denominator};
    }

    /** A finite number in units of 2^-1074, of which all are multiples. */
    private static BigInteger exact(double x) {
        long bits = Double.doubleToRawLongBits(x);
        int exponent = (int) (bits >> 52 & 0x7FF);
        long fraction = bits & ((1L << 52) - 1);
        BigInteger magnitude = BigInteger.valueOf(exponent == 0 ? fraction : fraction + (1L << 52))
                .shiftLeft(Math.max(0, exponent - 1));
        return x < 0 ? magnitude.negate() : magnitude;
    }

    double round(double x) {
        return divide(x, 1);
    }

    /** a * b + c, rounded once. */
    double multiplyAdd(double a, double b, double c) {
        if (!Double.isFinite(a) || !Double.isFinite(b)) {
            return a * b + c;
        }
        if (!Double.isFinite(c)) {
            return c;
        }
        BigInteger sum = exact(a).multiply(exact(b)).add(exact(c).shiftLeft(1074));
        if (sum.signum() != 0) {
            return round(sum, BigInteger.ONE.shiftLeft(2 * 1074));
        }
        // A sum of 0 is -0 only if both parts are.
        boolean negative = Math.copySign(1, a) * Math.copySign(1, b) < 0 && Math.copySign(1, c) < 0;
        return negative && (a == 0 || b == 0) ? -0.0 : 0.0;
    }

    double divide(double a, double b) {
        boolean plain = Double.isFinite(a) && Double.isFinite(b) && a != 0 && b != 0;
        return plain ? round(exact(a), exact(b)) : a / b;
    }
}
