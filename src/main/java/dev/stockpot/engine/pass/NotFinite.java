package dev.stockpot.engine.pass;

import dev.stockpot.text.Figures;
import dev.stockpot.text.TensorNames;
import java.util.List;

/**
 * How many elements of a tensor are not finite, and why. Those at which every source has the same value, and the result has it
 * too, do not count: they are constants, such as an attention mask. Not thread-safe.
 */
public final class NotFinite {
    private final long[] nans;
    private final long[] infinities;
    private long overflows;
    private double largest;
    private long sums;

    NotFinite(int sources) {
        nans = new long[sources];
        infinities = new long[sources];
    }

    /** The NaNs in a source. */
    public long nans(int source) {
        return nans[source];
    }

    /** The infinities in a source. */
    public long infinities(int source) {
        return infinities[source];
    }

    /** Whether a source has any. */
    public boolean isIn(int source) {
        return nans[source] + infinities[source] > 0;
    }

    /** How many results the output's type cannot hold, though no source of them has more than finite values. */
    long overflows() {
        return overflows;
    }

    /** The largest of those, before they were rounded. */
    double largest() {
        return largest;
    }

    /** How many sums of finite values the accumulator cannot hold. */
    long sums() {
        return sums;
    }

    /** Whether there are none. */
    boolean isEmpty() {
        long all = overflows + sums;
        for (int k = 0; k < nans.length; k++) {
            all += nans[k] + infinities[k];
        }
        return all == 0;
    }

    void found(int source, long moreNans, long moreInfinities) {
        nans[source] += moreNans;
        infinities[source] += moreInfinities;
    }

    void overflowed(double value) {
        overflows++;
        largest = Math.max(largest, Math.abs(value));
    }

    void summedBeyond() {
        sums++;
    }

    void add(NotFinite other) {
        for (int k = 0; k < nans.length; k++) {
            found(k, other.nans[k], other.infinities[k]);
        }
        overflows += other.overflows;
        largest = Math.max(largest, other.largest);
        sums += other.sums;
    }

    /** Such as {@code 2 values that are not numbers (NaN) and 1 infinite value}; at least one is above 0. */
    public static String words(long nans, long infinities) {
        String numbers = nans == 1
                ? "1 value that is not a number (NaN)"
                : Figures.count(nans) + " values that are not numbers (NaN)";
        String infinite = infinities == 1 ? "1 infinite value" : Figures.count(infinities) + " infinite values";
        return nans == 0 ? infinite : infinities == 0 ? numbers : numbers + " and " + infinite;
    }

    /** Such as {@code  in tensor a} or {@code  in 5 tensors: a, b, c and 2 more}, with the blank before it. */
    public static String where(List<String> tensors) {
        return tensors.size() == 1
                ? " in tensor " + TensorNames.shown(tensors.get(0))
                : " in " + tensors.size() + " tensors: " + TensorNames.listed(tensors);
    }
}
