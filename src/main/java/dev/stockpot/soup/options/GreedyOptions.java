package dev.stockpot.soup.options;

import dev.stockpot.error.SoupException;
import java.util.Map;

/**
 * How a greedy soup is searched.
 *
 * @param objective which metric decides, and in which direction
 * @param order in which ingredients are offered
 * @param minGain by how much a soup should be better than the one before to be kept, at least 0; strictly more is needed
 * @param maxIngredients how many ingredients the soup may have, at least 1
 * @param passes how often rejected ingredients are offered, at least 1
 * @param scores of the ingredients by their number, where they are known already: all of them, or empty
 * @param jobs evaluations side by side, at least 1
 */
public record GreedyOptions(
        Objective objective,
        Order order,
        double minGain,
        int maxIngredients,
        int passes,
        Map<Integer, Double> scores,
        int jobs) {

    public GreedyOptions {
        if (!(minGain >= 0) || Double.isInfinite(minGain)) {
            throw new SoupException("the least gain should be a number of at least 0 but got " + minGain);
        }
        if (maxIngredients < 1 || passes < 1 || jobs < 1) {
            throw new SoupException("ingredients, passes and jobs should be at least 1 but got " + maxIngredients + ", "
                    + passes + " and " + jobs);
        }
        scores = Map.copyOf(scores);
    }

    /** The paper's: the evaluator's main metric, higher is better, best first, one pass, no limit. */
    public static GreedyOptions defaults() {
        return new GreedyOptions(Objective.MAIN, Order.BY_SCORE, 0, Integer.MAX_VALUE, 1, Map.of(), 1);
    }

    /** With another objective. */
    public GreedyOptions withObjective(Objective other) {
        return new GreedyOptions(other, order, minGain, maxIngredients, passes, scores, jobs);
    }

    /** With another order. */
    public GreedyOptions withOrder(Order other) {
        return new GreedyOptions(objective, other, minGain, maxIngredients, passes, scores, jobs);
    }

    /** With ingredients' scores that are known already. */
    public GreedyOptions withScores(Map<Integer, Double> known) {
        return new GreedyOptions(objective, order, minGain, maxIngredients, passes, known, jobs);
    }

    /** With this many evaluations side by side. */
    public GreedyOptions withJobs(int count) {
        return new GreedyOptions(objective, order, minGain, maxIngredients, passes, scores, count);
    }
}
