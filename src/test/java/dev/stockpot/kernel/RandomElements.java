package dev.stockpot.kernel;

import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Elements that reveal mistakes: plain values, values close to ties, and arbitrary bits. */
public final class RandomElements {
    public static final List<DType> DTYPES =
            List.of(DType.F64, DType.F32, DType.F16, DType.BF16, DType.F8_E5M2, DType.F8_E4M3);

    private static final double[] SPECIAL = {
        0.0,
        -0.0,
        1,
        -1,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        Double.MIN_VALUE,
        Float.MIN_VALUE,
        0x1p-126,
        0x1p-24,
        0x1p-25,
        0x1p-16,
        0x1p-9,
        0x1p-10,
        448,
        464,
        480,
        57344,
        61440,
        65504,
        65520,
        Float.MAX_VALUE,
        Double.MAX_VALUE
    };

    private RandomElements() {}

    /** Like {@link #fill}, with finite values of mixed magnitude only, so that sums of them are finite too. */
    public static ByteBuffer finite(Random random, DType dtype, int elements, int shift) {
        int step = dtype.bits() / 8;
        ByteBuffer bytes = ByteBuffer.allocateDirect(shift + elements * step).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            double value = Math.scalb(random.nextGaussian(), -random.nextInt(12));
            FloatFormat.encode(dtype, value, bytes, shift + i * step);
        }
        return bytes;
    }

    /** {@code elements} elements from byte {@code shift} of a direct buffer. */
    public static ByteBuffer fill(Random random, DType dtype, int elements, int shift) {
        int step = dtype.bits() / 8;
        ByteBuffer bytes = ByteBuffer.allocateDirect(shift + elements * step).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < elements; i++) {
            int at = shift + i * step;
            switch (random.nextInt(8)) {
                case 0 -> FloatFormat.encode(dtype, SPECIAL[random.nextInt(SPECIAL.length)], bytes, at);
                case 1 -> putBits(bytes, at, step, random.nextLong());
                // Near ties of the narrow types: few bits, then one last bit far below.
                case 2 -> FloatFormat.encode(dtype, (1 + random.nextInt(8192) / 4096.0) * (1 + 0x1p-40), bytes, at);
                // Tiny, down to the subnormal values of the narrow types.
                case 3 -> FloatFormat.encode(dtype, Math.scalb(random.nextGaussian(), -random.nextInt(140)), bytes, at);
                default -> FloatFormat.encode(dtype, random.nextGaussian(), bytes, at);
            }
        }
        return bytes;
    }

    private static void putBits(ByteBuffer bytes, int at, int step, long bits) {
        for (int b = 0; b < step; b++) {
            bytes.put(at + b, (byte) (bits >> 8 * b));
        }
    }
}
