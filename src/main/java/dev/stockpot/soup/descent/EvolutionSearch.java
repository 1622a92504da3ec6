package dev.stockpot.soup.descent;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.CmaEs;
import dev.stockpot.soup.search.Scorer;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.exception.TooManyEvaluationsException;
import org.apache.commons.math3.optim.SimpleBounds;

/**
 * Searches for a soup's coefficients with CMA-ES (Hansen, "The CMA Evolution Strategy: A Tutorial"), by score only, for
 * evaluators without gradients and metrics such as accuracy. The search is deterministic given its seed, so a resumed run
 * asks for the same candidates again, whose scores are known.
 */
public final class EvolutionSearch {
    /** The most coefficients that can be searched: evaluations cannot distinguish more. */
    private static final int MOST_COEFFICIENTS = 1000;

    /** How far the first candidates are spread around the start, in raw coefficients under softmax. */
    private static final double SPREAD = 0.5;

    private final LearnedOptions options;
    private final int evaluations;
    private final Scoring scoring;
    private final SearchListener listener;
    private Objective objective;
    private int done;
    private Coefficients best;
    private Scores bestScores;
    private Scores start;

    /** Scores candidates. */
    @FunctionalInterface
    public interface Scoring {
        /** The scores of the soup with these coefficients; {@code name} identifies it in messages. */
        Scorer.Scored of(String name, Coefficients coefficients) throws InterruptedException;
    }

    /**
     * Prepares a search.
     *
     * @param evaluations how many candidates may be scored, at least 1
     * @throws IllegalArgumentException if that is less than 1
     */
    public EvolutionSearch(
            LearnedOptions options, Objective objective, int evaluations, Scoring scoring, SearchListener listener) {
        if (evaluations < 1) {
            throw new IllegalArgumentException("evaluations should be at least 1 but got " + evaluations);
        }
        this.options = options;
        this.objective = objective;
        this.evaluations = evaluations;
        this.scoring = scoring;
        this.listener = listener;
    }

    /** Searches around {@code first}. */
    public Learned run(Coefficients first) throws InterruptedException {
        int count = first.groups() * first.ingredients();
        if (count > MOST_COEFFICIENTS) {
            throw new SoupException(
                    Reason.TOO_MANY_COEFFICIENTS,
                    count + " coefficients are too many to be searched by score alone",
                    Details.of().number("coefficients", count).hint("a coarser granularity has fewer"));
        }
        double[] guess = Arrays.copyOf(first.parameters(), count);
        double[] spread = new double[count];
        Arrays.fill(spread, options.softmax() ? SPREAD : SPREAD / first.ingredients());
        boolean assumed = objective.direction().isEmpty();
        start = score(first);
        listener.decides(objective, assumed);
        CmaEs.search(
                guess,
                spread,
                SimpleBounds.unbounded(count),
                objective.minimize(),
                options.seed(),
                raw -> value(first, raw));
        boolean worse = objective.better(value(start), value(bestScores), 0);
        String metric = objective.name(bestScores);
        return new Learned(best, List.of(), metric, start, bestScores, worse);
    }

    private double value(Coefficients pattern, double[] raw) throws InterruptedException {
        double[] parameters = pattern.parameters();
        System.arraycopy(raw, 0, parameters, 0, raw.length);
        return value(score(pattern.with(parameters)));
    }

    private double value(Scores scores) {
        return objective.of(scores, "the soup");
    }

    private Scores score(Coefficients coefficients) throws InterruptedException {
        if (done == evaluations) {
            throw new TooManyEvaluationsException(evaluations);
        }
        Scorer.Scored found = scoring.of("the soup of evaluation " + (done + 1), coefficients);
        Scores scores = found.scores();
        done++;
        objective = objective.settled(scores, "the soup");
        if (best == null || objective.better(value(scores), value(bestScores), 0)) {
            best = coefficients;
            bestScores = scores;
        }
        listener.searched(done, evaluations, scores, found.kept());
        return scores;
    }
}
