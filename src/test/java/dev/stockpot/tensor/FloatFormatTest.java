package dev.stockpot.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Compares conversions with exact decimal arithmetic over the table of all values of a type. */
class FloatFormatTest {
    /** The layout of a type, from its definition. */
    private enum Layout {
        F16(DType.F16, 5, 10, 0x7C00, 0x7E00),
        BF16(DType.BF16, 8, 7, 0x7F80, 0x7FC0),
        F8_E5M2(DType.F8_E5M2, 5, 2, 0x7C, 0x7E),
        F8_E4M3(DType.F8_E4M3, 4, 3, 0x7F, 0x7F);

        final DType dtype;
        final int exponentBits;
        final int fractionBits;
        /** The first code past the finite ones, which is also the result of overflow. */
        final int end;

        final int nan;

        Layout(DType dtype, int exponentBits, int fractionBits, int end, int nan) {
            this.dtype = dtype;
            this.exponentBits = exponentBits;
            this.fractionBits = fractionBits;
            this.end = end;
            this.nan = nan;
        }

        int signBit() {
            return 1 << (dtype.bits() - 1);
        }

        /** The exact value of a code without a sign; past the end, as if exponents went on. */
        BigDecimal value(int code) {
            int exponent = code >> fractionBits;
            int significand = code % (1 << fractionBits) + (exponent == 0 ? 0 : 1 << fractionBits);
            int power = Math.max(exponent, 1) - ((1 << (exponentBits - 1)) - 1) - fractionBits;
            BigDecimal two = BigDecimal.valueOf(2);
            BigDecimal scale = power >= 0 ? two.pow(power) : new BigDecimal("0.5").pow(-power);
            return scale.multiply(BigDecimal.valueOf(significand));
        }

        /** The code nearest to a finite value, the even one on a tie. */
        int nearest(double x) {
            BigDecimal magnitude = new BigDecimal(Math.abs(x));
            int low = 0;
            int high = end; // value(low) <= magnitude, and value(high) > magnitude or magnitude overflows
            while (high - low > 1) {
                int middle = (low + high) / 2;
                if (value(middle).compareTo(magnitude) <= 0) {
                    low = middle;
                } else {
                    high = middle;
                }
            }
            BigDecimal twice = magnitude.add(magnitude);
            int side = twice.compareTo(value(low).add(value(low + 1)));
            int code = side > 0 || side == 0 && low % 2 == 1 ? low + 1 : low;
            boolean nanInstead = code == end && end == nan;
            boolean negative = Double.doubleToRawLongBits(x) < 0;
            return code | (negative && !nanInstead ? signBit() : 0);
        }
    }

    private static int encode(Layout layout, double value) {
        ByteBuffer bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN);
        FloatFormat.encode(layout.dtype, value, bytes, 0);
        return bytes.getShort(0) & 0xFFFF;
    }

    private static double decode(Layout layout, int code) {
        ByteBuffer bytes = ByteBuffer.allocate(2).order(ByteOrder.LITTLE_ENDIAN).putShort(0, (short) code);
        return FloatFormat.decode(layout.dtype, bytes, 0);
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeIsDecodedExactlyAndEncodedBack(Layout layout) {
        for (int code = 0; code < 2 * layout.signBit(); code++) {
            int magnitude = code % layout.signBit();
            double value = decode(layout, code);
            if (magnitude < layout.end) {
                assertEquals(0, new BigDecimal(Math.abs(value)).compareTo(layout.value(magnitude)), "code " + code);
                assertEquals(code >= layout.signBit(), Double.doubleToRawLongBits(value) < 0, "sign of code " + code);
                assertEquals(code, encode(layout, value));
            } else if (magnitude == layout.end && layout.end != layout.nan) {
                assertTrue(Double.isInfinite(value));
                assertEquals(code, encode(layout, value));
            } else {
                assertTrue(Double.isNaN(value));
                assertEquals(layout.nan, encode(layout, value));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void valuesBetweenCodesAreRoundedOnceToNearestEven(Layout layout) {
        for (int code = 0; code < layout.end; code += layout.end > 1000 ? 7 : 1) {
            double middle = layout.value(code).add(layout.value(code + 1)).doubleValue() / 2;
            // Rounding to F32 on the way would turn a neighbour of a tie into the tie.
            for (double x : new double[] {middle, Math.nextUp(middle), Math.nextDown(middle), -middle}) {
                assertEquals(layout.nearest(x), encode(layout, x), () -> "of " + x);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void randomValuesAreRoundedToNearestEven(Layout layout) {
        Random random = new Random(7);
        for (int i = 0; i < 2000; i++) {
            double x = Math.scalb(random.nextGaussian(), random.nextInt(60) - 40);
            assertEquals(layout.nearest(x), encode(layout, x), () -> "of " + x);
        }
        assertEquals(0, encode(layout, Double.MIN_VALUE));
        assertEquals(layout.end, encode(layout, Double.MAX_VALUE));
    }

    @Test
    void overflowFollowsTheCastsOfPyTorch() {
        assertEquals(0x7C00, encode(Layout.F16, 65520));
        assertEquals(0x7BFF, encode(Layout.F16, Math.nextDown(65520.0)));
        assertEquals(0xFC, encode(Layout.F8_E5M2, -61440));
        assertEquals(0x7E, encode(Layout.F8_E4M3, 464));
        assertEquals(0x7F, encode(Layout.F8_E4M3, Math.nextUp(464.0)));
        assertEquals(0x7F, encode(Layout.F8_E4M3, Double.NEGATIVE_INFINITY));
    }
}
