package dev.stockpot.peers;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;

/**
 * {@code UlpDistance A B}: how far apart two soups of the same tensors are, in units in the last place (how many
 * representable numbers apart two values are, many if they differ in sign) and absolutely.
 */
public final class UlpDistance {
    private UlpDistance() {}

    /**
     * The distance between two soups.
     *
     * @param ulp the largest distance in units in the last place
     * @param apart the largest absolute difference
     * @param differing the number of elements whose bits differ
     * @param elements the number of all elements
     */
    record Distance(long ulp, double apart, long differing, long elements) {
        Distance plus(Distance other) {
            return new Distance(
                    Math.max(ulp, other.ulp),
                    Math.max(apart, other.apart),
                    differing + other.differing,
                    elements + other.elements);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Distance found = between(Path.of(arguments[0]), Path.of(arguments[1]));
        System.out.printf(
                Locale.ROOT,
                "{\"equal\":%b,\"max_ulp\":%d,\"max_abs\":%s,\"differing\":%d,\"elements\":%d}%n",
                found.differing() == 0,
                found.ulp(),
                found.apart(),
                found.differing(),
                found.elements());
    }

    static Distance between(Path first, Path second) throws IOException {
        Distance all = new Distance(0, 0, 0, 0);
        try (ModelFile a = new ModelFile(first);
                ModelFile b = new ModelFile(second)) {
            if (!a.tensors().keySet().equals(b.tensors().keySet())) {
                throw new IllegalArgumentException("the tensors of " + first + " and " + second + " differ");
            }
            for (ModelFile.Entry entry : a.tensors().values()) {
                all = all.plus(between(entry, a.map(entry), b.map(b.tensors().get(entry.name()))));
            }
        }
        return all;
    }

    private static Distance between(ModelFile.Entry entry, ByteBuffer a, ByteBuffer b) {
        int size = entry.dtype().equals("F32") ? 4 : Peer.isFloat(entry) ? 2 : 1;
        long most = 0;
        double apart = 0;
        long differing = 0;
        for (int at = 0; at < entry.bytes(); at += size) {
            long distance = Math.abs(rank(a, at, size) - rank(b, at, size));
            if (distance > 0) {
                most = Math.max(most, distance);
                apart = Math.max(apart, Math.abs(value(a, at, entry) - value(b, at, entry)));
                differing++;
            }
        }
        return new Distance(most, apart, differing, entry.bytes() / size);
    }

    private static double value(ByteBuffer bytes, int at, ModelFile.Entry entry) {
        return switch (entry.dtype()) {
            case "F32" -> bytes.getFloat(at);
            case "BF16" -> Float.intBitsToFloat(bytes.getShort(at) << 16);
            case "F16" -> HalfFloat.toFloat(bytes.getShort(at));
            default -> bytes.get(at);
        };
    }

    /** A float's rank among all of its type: neighbours differ by one, both zeros are 0. */
    private static long rank(ByteBuffer bytes, int at, int size) {
        if (size == 1) {
            return bytes.get(at);
        }
        int bits = size == 4 ? bytes.getInt(at) : bytes.getShort(at);
        int magnitude = bits & (size == 4 ? Integer.MAX_VALUE : Short.MAX_VALUE);
        return bits < 0 ? -(long) magnitude : magnitude;
    }
}
