package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.formula.RankWindow;
import dev.stockpot.merge.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Finds elements by their ranks in several vectors at once, exactly and without sorting. Ranks go from the largest magnitude
 * down, among equal ones from the lowest index up. Histograms of F32 patterns narrow each rank down to one pattern in three
 * passes over the tensor; if only some of the elements with that pattern are wanted, one more pass finds the last of them.
 */
final class Ranking {
    /** Of each pass, log2 of the patterns in a bin, and the number of bins: few enough to stay in the L1 cache. */
    private static final int[] SHIFTS = {19, 7, 0};

    /** The most passes that finding elements takes, the last for those with equal patterns. */
    static final int PASSES = SHIFTS.length + 1;

    private static final int[] BINS = {1 << 12, 1 << 12, 1 << 7};

    /** An element: its pattern and index. */
    record Place(int pattern, long index) {
        /** Before all elements. */
        static final Place FIRST = new Place(RankWindow.NONE, Long.MAX_VALUE);

        /** The elements behind {@code before}, up to {@code last}. */
        static RankWindow window(Place before, Place last) {
            return new RankWindow(before.pattern, before.index, last.pattern, last.index);
        }
    }

    /** Makes one of the vectors. */
    @FunctionalInterface
    interface Vectors {
        Value of(FormulaBuilder f, int vector);
    }

    /** A rank that is looked for, and the patterns that it is known to be in. */
    static final class Search {
        private final int vector;
        /** How many elements of the range come up to the rank. */
        private long wanted;

        private int from;
        private int counts;
        private long equal;
        private long index = Long.MAX_VALUE;

        Search(int vector, long rank) {
            this.vector = vector;
            this.wanted = rank;
        }

        /** Goes on in the bin that the rank is in. */
        void narrow(long[] all, int bins, int shift) {
            int bin = bins - 1;
            while (bin > 0 && all[counts + bin] < wanted) {
                wanted -= all[counts + bin];
                bin--;
            }
            equal = all[counts + bin];
            from += bin << shift;
        }

        /** Whether some elements with the pattern are behind the rank. */
        boolean isInTie() {
            return wanted < equal;
        }

        /** 1 for elements with the pattern. */
        Value equals(Vectors vectors, FormulaBuilder f) {
            return f.within(vectors.of(f, vector), new RankWindow(from, -1, from, Long.MAX_VALUE));
        }

        long wanted() {
            return wanted;
        }

        void found(long at) {
            index = at;
        }

        Place place() {
            return new Place(from, index);
        }
    }

    private final Vectors vectors;
    private final Function<List<Place>, Step> next;
    private final List<Search> searches = new ArrayList<>();

    private Ranking(Vectors vectors, Function<List<Place>, Step> next) {
        this.vectors = vectors;
        this.next = next;
    }

    /**
     * The steps that find elements.
     *
     * @param ranks for each vector the ranks that are wanted, from 1 to the number of elements
     * @param next goes on with the places of all ranks of all vectors, in order
     */
    static Step find(Vectors vectors, List<long[]> ranks, Function<List<Place>, Step> next) {
        Ranking ranking = new Ranking(vectors, next);
        for (int v = 0; v < ranks.size(); v++) {
            for (long rank : ranks.get(v)) {
                ranking.searches.add(new Search(v, rank));
            }
        }
        return ranking.searches.isEmpty() ? next.apply(List.of()) : ranking.narrow(0);
    }

    private Step narrow(int pass) {
        if (pass == SHIFTS.length) {
            return breakTies();
        }
        int shift = SHIFTS[pass];
        int bins = BINS[pass];
        FormulaBuilder f = Formula.builder();
        Search before = null;
        Value vector = null;
        for (Search search : searches) {
            boolean same = before != null && before.vector == search.vector;
            vector = same ? vector : vectors.of(f, search.vector);
            search.counts =
                    same && before.from == search.from ? before.counts : f.histogram(vector, search.from, shift, bins);
            before = search;
        }
        return new Step.Measure(f.build(), totals -> {
            searches.forEach(search -> search.narrow(totals.counts(), bins, shift));
            return narrow(pass + 1);
        });
    }

    private Step breakTies() {
        List<Search> tied = searches.stream().filter(Search::isInTie).toList();
        if (tied.isEmpty()) {
            return next.apply(places());
        }
        return EqualElements.find(vectors, tied, () -> next.apply(places()));
    }

    private List<Place> places() {
        return searches.stream().map(Search::place).toList();
    }
}
