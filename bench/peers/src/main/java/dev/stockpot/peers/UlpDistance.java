package dev.stockpot.peers;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;

/**
 * {@code UlpDistance A B}: how far two soups of the same tensors are apart, in units in the last place: how many
 * representable numbers lie between two values, at most and on average.
 */
public final class UlpDistance {
    private UlpDistance() {}

    public static void main(String[] arguments) throws Exception {
        long most = 0;
        double sum = 0;
        long differing = 0;
        long elements = 0;
        try (ModelFile a = new ModelFile(Path.of(arguments[0]));
                ModelFile b = new ModelFile(Path.of(arguments[1]))) {
            if (!a.tensors().keySet().equals(b.tensors().keySet())) {
                throw new IllegalArgumentException(
                        "the tensors of " + arguments[0] + " and " + arguments[1] + " differ");
            }
            for (ModelFile.Entry entry : a.tensors().values()) {
                ByteBuffer x = a.map(entry);
                ByteBuffer y = b.map(b.tensors().get(entry.name()));
                int size = entry.dtype().equals("F32") ? 4 : Peer.isFloat(entry) ? 2 : 1;
                for (int at = 0; at < entry.bytes(); at += size) {
                    long distance = Math.abs(rank(x, at, size) - rank(y, at, size));
                    most = Math.max(most, distance);
                    sum += distance;
                    differing += distance > 0 ? 1 : 0;
                }
                elements += entry.bytes() / size;
            }
        }
        System.out.printf(
                Locale.ROOT,
                "{\"equal\":%b,\"max_ulp\":%d,\"mean_ulp\":%.6f,\"differing\":%d,\"elements\":%d}%n",
                differing == 0,
                most,
                sum / Math.max(1, elements),
                differing,
                elements);
    }

    /** A float's place among all of its type, so that neighbours differ by one; both zeros are 0. */
    private static long rank(ByteBuffer bytes, int at, int size) {
        if (size == 1) {
            return bytes.get(at);
        }
        int bits = size == 4 ? bytes.getInt(at) : bytes.getShort(at);
        int magnitude = bits & (size == 4 ? Integer.MAX_VALUE : Short.MAX_VALUE);
        return bits < 0 ? -(long) magnitude : magnitude;
    }
}
