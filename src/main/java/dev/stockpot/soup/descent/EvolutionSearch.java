package dev.stockpot.soup.descent;

import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.Scorer;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.math3.exception.TooManyEvaluationsException;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.SimpleBounds;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.CMAESOptimizer;
import org.apache.commons.math3.random.MersenneTwister;

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

    /** Carries an interruption through the optimizer. */
    private static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1L;
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
        int population = 4 + (int) (3 * Math.log(count));
        boolean assumed = objective.direction().isEmpty();
        start = score(first);
        listener.decides(objective, assumed);
        CMAESOptimizer optimizer =
                new CMAESOptimizer(Integer.MAX_VALUE, 0, true, 0, 0, new MersenneTwister(options.seed()), false, null);
        try {
            optimizer.optimize(
                    new MaxEval(Integer.MAX_VALUE),
                    new ObjectiveFunction(raw -> value(first, raw)),
                    objective.minimize() ? GoalType.MINIMIZE : GoalType.MAXIMIZE,
                    new InitialGuess(guess),
                    SimpleBounds.unbounded(count),
                    new CMAESOptimizer.Sigma(spread),
                    new CMAESOptimizer.PopulationSize(population));
        } catch (TooManyEvaluationsException e) {
            // The allowed number of evaluations is used up.
        } catch (Interrupted e) {
            throw new InterruptedException("cancelled");
        }
        boolean worse = objective.better(value(start), value(bestScores), 0);
        String metric = objective.name(bestScores);
        return new Learned(best, List.of(), metric, start, bestScores, worse);
    }

    private double value(Coefficients pattern, double[] raw) {
        double[] parameters = pattern.parameters();
        System.arraycopy(raw, 0, parameters, 0, raw.length);
        try {
            return value(score(pattern.with(parameters)));
        } catch (InterruptedException e) {
            throw new Interrupted();
        }
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
