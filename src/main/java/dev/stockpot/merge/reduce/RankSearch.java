package dev.stockpot.merge.reduce;

import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.formula.RankWindow;

/** A rank that is looked for in a vector, and the patterns that it is thought to be among. */
final class RankSearch {
    /** Patterns have 31 bits. */
    private static final int PATTERN_BITS = 31;

    /** log2 of the patterns in a bin of the first histogram: its bins are few enough to stay in a cache. */
    private static final int COARSE = 19;

    /** The most bins of a later histogram, as long as ranges end where bins of the first do: two find one of 2^22 patterns. */
    private static final int FINE_BINS = 1 << 11;

    private final int vector;
    private final long rank;
    /** How many of the elements below the ceiling come up to the rank. */
    private long wanted;

    /** All that is not below it is counted. */
    private long ceiling = 1L << PATTERN_BITS;

    private int from;
    private int shift = COARSE;
    private int bins = 1 << (PATTERN_BITS - COARSE);

    /** The places of the counts of all elements from the range's end on, or -1, and of those in each bin. */
    private int above = -1;

    private int counts;
    private boolean isFound;
    private long equal;
    private long first;
    private long end = Long.MAX_VALUE;
    private long index = Long.MAX_VALUE;

    RankSearch(int vector, long rank) {
        this.vector = vector;
        this.rank = rank;
        this.wanted = rank;
    }

    int vector() {
        return vector;
    }

    /** Whether the pattern is known. */
    boolean isFound() {
        return isFound;
    }

    private long rangeEnd() {
        return from + ((long) bins << shift);
    }

    /** Adds what it counts in its vector. */
    void count(FormulaBuilder f, Value value) {
        above = rangeEnd() < ceiling ? f.histogram(value, (int) rangeEnd(), PATTERN_BITS, 1) : -1;
        counts = f.histogram(value, from, shift, bins);
    }

    /** Whether it counts just what another search does, whose places it takes then. */
    boolean countsAs(RankSearch other) {
        boolean same = vector == other.vector
                && from == other.from
                && shift == other.shift
                && bins == other.bins
                && (rangeEnd() < ceiling) == (other.above >= 0);
        if (same) {
            above = other.above;
            counts = other.counts;
        }
        return same;
    }

    /** Goes on in the bins that the rank is likely in, by the counts of {@code sampled} of the elements. */
    void guess(long[] all, long sampled, long elements) {
        double share = rank / (double) elements;
        // Neighbours are alike, so that a sample of them says less than one of single elements.
        double doubt = 8 * Math.sqrt(sampled * share * (1 - share)) + sampled / 1000.0 + 1;
        double at = share * sampled;
        long passed = 0;
        int most = bins - 1;
        while (most > 0 && passed + all[counts + most] < at - doubt) {
            passed += all[counts + most--];
        }
        int least = most;
        passed += all[counts + most];
        while (least > 0 && passed < at + doubt) {
            passed += all[counts + --least];
        }
        take((long) least << shift, (long) (most + 1) << shift);
    }

    private void take(long least, long end) {
        from = (int) least;
        shift = 0;
        while (end - least >> shift > FINE_BINS && shift < COARSE) {
            shift++;
        }
        bins = (int) (end - least >> shift);
    }

    /** Goes on in the bin that the rank is in; if it is in none of them, in the range above or below. */
    void narrow(long[] all) {
        long passed = above < 0 ? 0 : all[above] - (rank - wanted);
        if (wanted <= passed) {
            take(rangeEnd(), ceiling);
            return;
        }
        wanted -= passed;
        int bin = bins - 1;
        while (bin >= 0 && all[counts + bin] < wanted) {
            wanted -= all[counts + bin--];
        }
        ceiling = from + ((long) (bin + 1) << shift);
        if (bin < 0) {
            take(0, from);
            return;
        }
        equal = all[counts + bin];
        counts += bin;
        isFound = shift == 0;
        take(from + ((long) bin << shift), ceiling);
    }

    /** Keeps in which part of the tensor the last of the elements is that are wanted, if the pattern is known. */
    void locate(PartCounts.Found found) {
        if (isInTie()) {
            int part = 0;
            while (found.count(part, counts) < wanted) {
                wanted -= found.count(part++, counts);
            }
            first = found.first(part);
            end = found.first(part + 1);
        }
    }

    /** Whether some elements with the pattern are behind the rank. */
    boolean isInTie() {
        return isFound && wanted < equal;
    }

    /** 1 for elements with the pattern. */
    Value equals(Ranking.Vectors vectors, FormulaBuilder f) {
        return f.within(vectors.of(f, vector), new RankWindow(from, -1, from, Long.MAX_VALUE));
    }

    /** Which of the elements with the pattern that are in its part is the last that is wanted, from 1. */
    long wanted() {
        return wanted;
    }

    /** Whether some elements are in its part. */
    boolean isIn(long from, long count) {
        return from < end && from + count > first;
    }

    /** Keeps that the wanted element is one from {@code first} on: which of those with the pattern. */
    void narrow(long first, long end, long wanted) {
        this.first = first;
        this.end = end;
        this.wanted = wanted;
    }

    /** The first element of its part. */
    long first() {
        return first;
    }

    /** The one behind its part. */
    long end() {
        return end;
    }

    void found(long at) {
        index = at;
    }

    Ranking.Place place() {
        return new Ranking.Place(from, index);
    }
}
