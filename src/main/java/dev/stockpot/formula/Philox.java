package dev.stockpot.formula;

/**
 * Philox4x32-7 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): random numbers that
 * depend on a key and a counter alone, so that any thread can make any of them. Seven rounds are the fewest that pass all of
 * BigCrush (table 2 of the paper).
 */
public final class Philox {
    private static final long M0 = 0xD2511F53L;
    private static final long M1 = 0xCD9E8D57L;
    private static final int W0 = 0x9E3779B9;
    private static final int W1 = 0xBB67AE85;
    private static final int ROUNDS = 7;
    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * The number in [0, 1) of an element, a multiple of 2<sup>-24</sup>: its upper 16 bits are the element's of eight in the
     * four words for a counter, its lower 8 those of sixteen for another. Nearly always the upper ones alone tell whether it is
     * below some number.
     *
     * @param key both words of the key
     * @param stream the third word of the counter
     */
    public static double uniform(long key, int stream, long index) {
        return (bits(key, stream, 0, index, Short.SIZE) << Byte.SIZE | bits(key, stream, 1, index, Byte.SIZE))
                * 0x1p-24;
    }

    /** An element's part, of some bits, of the words for its group; the lowest are the first one's. */
    private static int bits(long key, int stream, int half, long index, int bits) {
        int inWord = Integer.SIZE / bits;
        long group = index / (4 * inWord);
        int[] counter = {(int) group, (int) (group >>> 32), stream, half};
        int at = (int) (index % (4 * inWord));
        int word = words(counter, (int) key, (int) (key >>> 32))[at / inWord];
        return word >>> at % inWord * bits & (1 << bits) - 1;
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
}
