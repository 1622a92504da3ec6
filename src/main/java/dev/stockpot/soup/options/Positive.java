package dev.stockpot.soup.options;

/** Checks counts that must be at least 1. */
final class Positive {
    private Positive() {}

    static int of(int count, String what) {
        if (count < 1) {
            throw new IllegalArgumentException(what + " should be at least 1 but got " + count);
        }
        return count;
    }
}
