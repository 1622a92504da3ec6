package dev.stockpot.soup.search;

import dev.stockpot.evaluate.Scores;
import dev.stockpot.recipe.Setting.Range;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.commons.math3.exception.TooManyEvaluationsException;
import org.apache.commons.math3.optim.SimpleBounds;

/** A search for the best values of ranges, by score alone: by CMA-ES, or one value at a time. For one run. */
public final class RangeSearch {
    /** How far the first values of CMA-ES are from the start, in shares of the ranges. */
    private static final double SPREAD = 0.25;

    /** Steps of a greedy search, in shares of the ranges: the first, and the last one's least. */
    private static final double FIRST_STEP = 0.5;

    private static final double LAST_STEP = 1.0 / 1024;

    /** A search that has converged asks for the same values for ever. */
    private static final long MOST_ASKED = 20;

    private final List<Range> ranges;
    private final boolean greedy;
    private final int evaluations;
    private final long seed;
    private final SearchListener listener;
    private final Map<List<Double>, Double> known = new HashMap<>();
    private Objective objective;
    private int done;
    private long asked;
    private double[] best;
    private Scores scores;
    private Scores start;

    /** Scores values; {@code name} identifies them in messages. */
    @FunctionalInterface
    public interface Scoring {
        /** The scores of what has these values. */
        Scorer.Scored of(String name, double[] values) throws InterruptedException;
    }

    /** @param evaluations how many values may be scored, at least 1 */
    public RangeSearch(
            List<Range> ranges,
            boolean greedy,
            int evaluations,
            long seed,
            Objective objective,
            SearchListener listener) {
        this.ranges = List.copyOf(ranges);
        this.greedy = greedy;
        this.evaluations = evaluations;
        this.seed = seed;
        this.objective = objective;
        this.listener = listener;
    }

    /** Searches until the evaluations are used up, or nothing is left to try. */
    public void run(Scoring scoring) throws InterruptedException {
        double[] at = new double[ranges.size()];
        for (int k = 0; k < at.length; k++) {
            Range range = ranges.get(k);
            at[k] = (range.start() - range.low()) / (range.high() - range.low());
        }
        boolean assumed = objective.direction().isEmpty();
        score(scoring, at);
        start = scores;
        listener.decides(objective, assumed);
        try {
            if (greedy) {
                greedy(scoring, at);
                return;
            }
            double[] spread = new double[at.length];
            Arrays.fill(spread, SPREAD);
            double[] ones = new double[at.length];
            Arrays.fill(ones, 1);
            CmaEs.search(
                    at,
                    spread,
                    new SimpleBounds(new double[at.length], ones),
                    objective.minimize(),
                    seed,
                    point -> score(scoring, point));
        } catch (TooManyEvaluationsException e) {
            // They are used up.
        }
    }

    /** Changes one value at a time, and keeps what is better; smaller steps once nothing is. */
    private void greedy(Scoring scoring, double[] at) throws InterruptedException {
        double value = score(scoring, at);
        for (double step = FIRST_STEP; step >= LAST_STEP; step /= 2) {
            boolean better = true;
            while (better) {
                better = false;
                for (int k = 0; k < at.length; k++) {
                    for (int sign : new int[] {1, -1}) {
                        double[] other = at.clone();
                        other[k] = Math.max(0, Math.min(1, at[k] + sign * step));
                        double found = score(scoring, other);
                        if (objective.better(found, value, 0)) {
                            at = other;
                            value = found;
                            better = true;
                        }
                    }
                }
            }
        }
    }

    /** The value at a point, in shares of the ranges. */
    private double score(Scoring scoring, double[] point) throws InterruptedException {
        double[] values = new double[point.length];
        for (int k = 0; k < values.length; k++) {
            Range range = ranges.get(k);
            double share = Math.max(0, Math.min(1, point[k]));
            values[k] = share == 1 ? range.high() : range.low() + share * (range.high() - range.low());
        }
        List<Double> key = Arrays.stream(values).boxed().toList();
        asked++;
        if (known.containsKey(key) && asked < MOST_ASKED * evaluations) {
            return known.get(key);
        }
        if (done == evaluations || known.containsKey(key)) {
            throw new TooManyEvaluationsException(evaluations);
        }
        Scorer.Scored found = scoring.of("the merge of evaluation " + (done + 1), values);
        done++;
        objective = objective.settled(found.scores(), "the merge");
        double value = objective.of(found.scores(), "the merge");
        known.put(key, value);
        if (best == null || objective.better(value, objective.of(scores, "the merge"), 0)) {
            best = values;
            scores = found.scores();
        }
        listener.searched(done, evaluations, found.scores(), found.kept());
        return value;
    }

    /** The objective, with its metric and direction once anything is scored. */
    public Objective objective() {
        return objective;
    }

    /** How many values were scored. */
    public int done() {
        return done;
    }

    /** The values with the best score. */
    public double[] best() {
        return best.clone();
    }

    /** The best scores. */
    public Scores scores() {
        return scores;
    }

    /** The scores of the start. */
    public Scores start() {
        return start;
    }
}
