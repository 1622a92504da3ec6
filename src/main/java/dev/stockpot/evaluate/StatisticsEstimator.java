package dev.stockpot.evaluate;

import java.util.Map;

/**
 * Re-estimates running statistics of batch normalisation: those of averaged weights are not the average of the ingredients'
 * (Izmailov et al. 2018, section 3.2).
 */
public interface StatisticsEstimator {
    /** The data on which they are estimated, for messages. */
    String data();

    /**
     * The statistics of a candidate, by tensor name, in the order of the tensors' elements.
     *
     * @throws dev.stockpot.error.EvaluationException if it has none, or they cannot be estimated
     * @throws InterruptedException if the thread is interrupted
     */
    Map<String, double[]> estimate(Candidate candidate) throws InterruptedException;
}
