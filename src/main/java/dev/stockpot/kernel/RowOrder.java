package dev.stockpot.kernel;

import java.util.Arrays;

/** Puts a row's elements in order: the smallest magnitude as F32 first, among equal ones the lowest index. */
final class RowOrder {
    private static final int DIGIT_BITS = 11;
    private static final int DIGITS = 3;

    /** Longer rows are sorted in place, which is slower, and takes half the memory. */
    private static final int LONGEST_RADIX = 1 << 18;

    /** A pattern of 31 bits, and the index. */
    private long[] order;

    private long[] other;
    private final int[] counts = new int[DIGITS << DIGIT_BITS];

    /** Room for a row of so many elements. */
    RowOrder(int length) {
        order = new long[length];
        other = new long[length <= LONGEST_RADIX ? length : 0];
    }

    /** Orders a row. */
    void order(double[] values) {
        Arrays.fill(counts, 0);
        int mask = (1 << DIGIT_BITS) - 1;
        for (int i = 0; i < order.length; i++) {
            int pattern = JavaFormulas.pattern(values[i]);
            order[i] = (long) pattern << Integer.SIZE | i;
            for (int digit = 0; digit < DIGITS; digit++) {
                counts[(digit << DIGIT_BITS) + (pattern >> digit * DIGIT_BITS & mask)]++;
            }
        }
        if (other.length < order.length) {
            Arrays.sort(order);
            return;
        }
        for (int digit = 0; digit < DIGITS; digit++) {
            sort(digit << DIGIT_BITS, Integer.SIZE + digit * DIGIT_BITS, mask);
        }
    }

    /** Orders by one digit, and keeps the order of those with the same. */
    private void sort(int counted, int shift, int mask) {
        int at = 0;
        for (int value = 0; value <= mask; value++) {
            int count = counts[counted + value];
            counts[counted + value] = at;
            at += count;
        }
        for (long element : order) {
            int value = (int) (element >>> shift) & mask;
            other[counts[counted + value]++] = element;
        }
        long[] ordered = other;
        other = order;
        order = ordered;
    }

    /** The index in the row of the element with a rank, from 0. */
    int at(int rank) {
        return (int) order[rank];
    }
}
