package dev.stockpot.checkpoint.zip;

/**
 * Shifts a CRC-32 over the bytes that follow. The checksum of a whole is the exclusive or of its parts' checksums, each
 * shifted over the bytes after that part, in any order.
 *
 * <p>A CRC is a remainder modulo a polynomial over GF(2), and n more bytes multiply it by x<sup>8n</sup>: the method of
 * {@code crc32_combine} in zlib (Adler, crc32.c). Polynomials are stored as in CRC-32 itself, with the lowest power in the
 * highest bit.
 */
public final class CrcShift {
    private static final int POLYNOMIAL = 0xEDB88320;
    private static final int ONE = 1 << 31;

    /** x to the power of 8 times 2 to the power of k. */
    private static final int[] BYTES = new int[Long.SIZE - 1];

    static {
        BYTES[0] = ONE >>> 8;
        for (int k = 1; k < BYTES.length; k++) {
            BYTES[k] = multiply(BYTES[k - 1], BYTES[k - 1]);
        }
    }

    private CrcShift() {}

    /** What {@code crc} contributes to the checksum of its bytes followed by {@code bytes} more. */
    public static int over(int crc, long bytes) {
        int shifted = crc;
        for (long left = bytes; left != 0; left &= left - 1) {
            shifted = multiply(shifted, BYTES[Long.numberOfTrailingZeros(left)]);
        }
        return shifted;
    }

    private static int multiply(int a, int b) {
        int product = 0;
        int power = b;
        for (int bit = ONE; bit != 0; bit >>>= 1) {
            if ((a & bit) != 0) {
                product ^= power;
            }
            power = (power & 1) != 0 ? power >>> 1 ^ POLYNOMIAL : power >>> 1;
        }
        return product;
    }
}
