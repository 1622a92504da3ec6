package dev.stockpot.merge.method;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** The numbers of random masks, from the paper's words on Philox4x32-7, in whole numbers without a limit. */
final class RandomNumbers {
    private static final BigInteger WORD = BigInteger.ONE.shiftLeft(32);

    private RandomNumbers() {}

    private static BigInteger hex(String digits) {
        return new BigInteger(digits, 16);
    }

    /** @param model its place, from 0 */
    static double of(long seed, String tensor, int model, long element) {
        BigInteger key = BigInteger.ZERO;
        byte[] digest = sha256(seed + ":" + tensor);
        for (int i = 7; i >= 0; i--) {
            key = key.shiftLeft(8).or(BigInteger.valueOf(digest[i] & 0xFF));
        }
        BigInteger upper = number(words(key, element / 8, model, 0)).shiftRight((int) (element % 8) * 16);
        BigInteger lower = number(words(key, element / 16, model, 1)).shiftRight((int) (element % 16) * 8);
        return (upper.intValue() & 0xFFFF) / 65536.0 + (lower.intValue() & 0xFF) / 65536.0 / 256;
    }

    /** The words as one number of 128 bits, the first one's the lowest. */
    private static BigInteger number(BigInteger[] words) {
        BigInteger number = BigInteger.ZERO;
        for (int k = 3; k >= 0; k--) {
            number = number.multiply(WORD).add(words[k]);
        }
        return number;
    }

    private static BigInteger[] words(BigInteger key, long counter, int model, int half) {
        BigInteger group = BigInteger.valueOf(counter);
        BigInteger[] c = {group.mod(WORD), group.divide(WORD), BigInteger.valueOf(model), BigInteger.valueOf(half)};
        BigInteger k0 = key.mod(WORD);
        BigInteger k1 = key.divide(WORD);
        for (int round = 0; round < 7; round++) {
            BigInteger p = hex("D2511F53").multiply(c[0]);
            BigInteger q = hex("CD9E8D57").multiply(c[2]);
            c = new BigInteger[] {
                q.divide(WORD).xor(c[1]).xor(k0),
                q.mod(WORD),
                p.divide(WORD).xor(c[3]).xor(k1),
                p.mod(WORD)
            };
            k0 = k0.add(hex("9E3779B9")).mod(WORD);
            k1 = k1.add(hex("BB67AE85")).mod(WORD);
        }
        return c;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
