package dev.stockpot.soup.search;

import org.apache.commons.math3.exception.TooManyEvaluationsException;
import org.apache.commons.math3.optim.InitialGuess;
import org.apache.commons.math3.optim.MaxEval;
import org.apache.commons.math3.optim.SimpleBounds;
import org.apache.commons.math3.optim.nonlinear.scalar.GoalType;
import org.apache.commons.math3.optim.nonlinear.scalar.ObjectiveFunction;
import org.apache.commons.math3.optim.nonlinear.scalar.noderiv.CMAESOptimizer;
import org.apache.commons.math3.random.MersenneTwister;

/**
 * CMA-ES (Hansen, "The CMA Evolution Strategy: A Tutorial"): a search by values alone. It is deterministic given its seed, so a
 * search that is begun again asks for the same values again.
 */
public final class CmaEs {
    private CmaEs() {}

    /** What is searched for the best of. */
    @FunctionalInterface
    public interface Value {
        /**
         * The value at a point.
         *
         * @throws TooManyEvaluationsException to end the search
         */
        double of(double[] point) throws InterruptedException;
    }

    /** Carries an interruption through the optimizer. */
    private static final class Interrupted extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * Searches until the value ends it.
     *
     * @param start where it begins
     * @param spread how far the first points are from there, in each direction
     * @param bounds of the points
     */
    public static void search(
            double[] start, double[] spread, SimpleBounds bounds, boolean minimize, long seed, Value value)
            throws InterruptedException {
        int population = 4 + (int) (3 * Math.log(start.length));
        CMAESOptimizer optimizer =
                new CMAESOptimizer(Integer.MAX_VALUE, 0, true, 0, 0, new MersenneTwister(seed), false, null);
        try {
            optimizer.optimize(
                    new MaxEval(Integer.MAX_VALUE),
                    new ObjectiveFunction(point -> {
                        try {
                            return value.of(point);
                        } catch (InterruptedException e) {
                            throw new Interrupted();
                        }
                    }),
                    minimize ? GoalType.MINIMIZE : GoalType.MAXIMIZE,
                    new InitialGuess(start),
                    bounds,
                    new CMAESOptimizer.Sigma(spread),
                    new CMAESOptimizer.PopulationSize(population));
        } catch (TooManyEvaluationsException e) {
            // As many as are allowed are used up.
        } catch (Interrupted e) {
            throw new InterruptedException("cancelled");
        }
    }
}
