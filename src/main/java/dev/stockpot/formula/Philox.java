package dev.stockpot.formula;

/**
 * Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random numbers that
 * depend on a key and a counter alone, so that any thread can make any of them.
 */
public final class Philox {
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final int ROUNDS = 10;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * The 32 bits for an element: of its group of four, whose number with the stream is the counter, the word at its place.
     *
     * @param key both words of the key
     * @param stream the upper half of the counter
     */
    static int bits(long key, int stream, long index) {
        long group = index >>> 2;
        int[] words = words(new int[] {(int) group, (int) (group >>> 32), stream, 0}, (int) key, (int) (key >>> 32));
        return words[(int) (index & 3)];
    }

    /** The four words for a counter of four. */
    static int[] words(int[] counter, int key0, int key1) {
        int[] x = counter.clone();
        int k0 = key0;
        int k1 = key1;
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = M0 * (x[0] & LOW);
            long p1 = M1 * (x[2] & LOW);
            x = new int[] {(int) (p1 >>> 32) ^ x[1] ^ k0, (int) p1, (int) (p0 >>> 32) ^ x[3] ^ k1, (int) p0};
            k0 += W0;
            k1 += W1;
        }
        return x;
    }

    /** The number in [0, 1) of an element's upper 24 bits. */
    public static double uniform(long key, int stream, long index) {
        return (bits(key, stream, index) >>> 8) * 0x1p-24;
    }
}
