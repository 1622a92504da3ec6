package dev.stockpot.evaluate;

import java.util.Map;

/**
 * Estimates running statistics of batch normalisation anew: those of averaged weights are not the average of the ingredients'
 * (Izmailov et al. 2018, section 3.2).
 */
public interface StatisticsEstimator {
    /** The data that they are estimated on, for messages. */
    String data();

    /**
     * The statistics of a candidate, by tensor, in the order of the tensors' elements.
     *
     * @throws dev.stockpot.error.EvaluationException where it has none, or they cannot be estimated
     * @throws InterruptedException where the thread was interrupted
     */
    Map<String, double[]> estimate(Candidate candidate) throws InterruptedException;
}
