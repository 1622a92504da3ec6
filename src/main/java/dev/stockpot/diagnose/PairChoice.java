package dev.stockpot.diagnose;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Between which pairs of ingredients a diagnosis scores the straight line. */
public sealed interface PairChoice {
    /** The best ingredient with every other: what a greedy soup tries. */
    PairChoice BEST = new WithBest();

    /** Every pair. */
    PairChoice ALL = new Nearest(Integer.MAX_VALUE);

    /** Two ingredients by their numbers, from 0. */
    record Pair(int a, int b) {}

    /** The pairs to score, among at least two ingredients; {@code best} is the number of the best. */
    List<Pair> of(Positions positions, int best);

    /** The best ingredient with every other. */
    record WithBest() implements PairChoice {
        @Override
        public List<Pair> of(Positions positions, int best) {
            List<Pair> pairs = new ArrayList<>();
            for (int other = 0; other < positions.models(); other++) {
                if (other != best) {
                    pairs.add(new Pair(best, other));
                }
            }
            return pairs;
        }
    }

    /** The {@code count} nearest pairs, nearest first. */
    record Nearest(int count) implements PairChoice {
        public Nearest {
            if (count < 1) {
                throw new IllegalArgumentException("there should be at least 1 pair but got " + count);
            }
        }

        @Override
        public List<Pair> of(Positions positions, int best) {
            List<Pair> pairs = new ArrayList<>();
            for (int a = 0; a < positions.models(); a++) {
                for (int b = a + 1; b < positions.models(); b++) {
                    pairs.add(new Pair(a, b));
                }
            }
            pairs.sort(Comparator.comparingDouble(p -> positions.distance(p.a(), p.b())));
            return pairs.subList(0, Math.min(count, pairs.size()));
        }
    }
}
