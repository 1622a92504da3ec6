package dev.stockpot.merge.reduce;

import dev.stockpot.engine.Needs;
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
 * down, among equal ones from the lowest index up. A sample says about where each rank is; histograms of F32 patterns narrow
 * that down to one pattern in two passes over the tensor, or in another one if the sample has misled. If only some of the
 * elements with the pattern are wanted, the counts of parts of the tensor tell where the last of these is.
 */
public final class Ranking {
    /** How many passes finding elements takes, unless a sample has misled; the last is for equal patterns, of a part. */
    public static final int PASSES = 4;

    /** An element: its pattern and index. */
    public record Place(int pattern, long index) {
        /** Before all elements. */
        public static final Place FIRST = new Place(RankWindow.NONE, Long.MAX_VALUE);

        /** The elements behind {@code before}, up to {@code last}. */
        public static RankWindow window(Place before, Place last) {
            return new RankWindow(before.pattern, before.index, last.pattern, last.index);
        }
    }

    /** Makes one of the vectors. */
    @FunctionalInterface
    public interface Vectors {
        Value of(FormulaBuilder f, int vector);
    }

    private final Vectors vectors;
    private final long elements;
    private final Function<List<Place>, Step> next;
    private final List<RankSearch> searches = new ArrayList<>();

    private Ranking(Vectors vectors, long elements, List<long[]> ranks, Function<List<Place>, Step> next) {
        this.vectors = vectors;
        this.elements = elements;
        this.next = next;
        for (int v = 0; v < ranks.size(); v++) {
            for (long rank : ranks.get(v)) {
                searches.add(new RankSearch(v, rank));
            }
        }
    }

    /**
     * The steps that find elements.
     *
     * @param elements of each vector
     * @param ranks for each vector the ranks that are wanted, from 1 to the number of elements
     * @param next goes on with the places of all ranks of all vectors, in order
     */
    public static Step find(Vectors vectors, long elements, List<long[]> ranks, Function<List<Place>, Step> next) {
        if (ranks.stream().allMatch(those -> those.length == 0)) {
            return next.apply(List.of());
        }
        Formula histograms = new Ranking(vectors, elements, ranks, next).histograms();
        SampledCounts sample = SampledCounts.of(histograms, elements);
        // Steps may be taken again, by another thread too: each time has its own searches.
        return new Reduced<>(
                sample,
                Needs.NOTHING,
                found -> new Ranking(vectors, elements, ranks, next).look(found, sample.isOfAll()));
    }

    private Step look(SampledCounts.Found found, boolean isOfAll) {
        histograms();
        for (RankSearch search : searches) {
            if (isOfAll) {
                search.narrow(found.counts());
            } else {
                search.guess(found.counts(), found.elements(), elements);
            }
        }
        return narrow();
    }

    private Step narrow() {
        if (searches.stream().allMatch(RankSearch::isFound)) {
            return breakTies();
        }
        return new Reduced<>(new PartCounts(histograms()), Needs.NOTHING, found -> {
            for (RankSearch search : searches) {
                if (!search.isFound()) {
                    search.narrow(found.all());
                    search.locate(found);
                }
            }
            return narrow();
        });
    }

    /** Counts for all searches that are not over; of equal ranges once. */
    private Formula histograms() {
        FormulaBuilder f = Formula.builder();
        RankSearch before = null;
        Value vector = null;
        for (RankSearch search : searches) {
            if (search.isFound()) {
                continue;
            }
            boolean same = before != null && before.vector() == search.vector();
            vector = same ? vector : vectors.of(f, search.vector());
            if (before == null || !search.countsAs(before)) {
                search.count(f, vector);
            }
            before = search;
        }
        return f.build();
    }

    private Step breakTies() {
        List<RankSearch> tied = searches.stream().filter(RankSearch::isInTie).toList();
        if (tied.isEmpty()) {
            return next.apply(places());
        }
        return EqualElements.find(vectors, tied, () -> next.apply(places()));
    }

    private List<Place> places() {
        return searches.stream().map(RankSearch::place).toList();
    }
}
