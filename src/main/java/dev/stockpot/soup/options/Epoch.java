package dev.stockpot.soup.options;

import dev.stockpot.evaluate.Scores;
import java.util.List;

/**
 * The result of an epoch of a learned soup.
 *
 * @param number from 1; 0 for the starting soup
 * @param stepLosses losses of its batches, in order
 * @param scores of the soup after the epoch
 */
public record Epoch(int number, List<Double> stepLosses, Scores scores) {
    public Epoch {
        stepLosses = List.copyOf(stepLosses);
    }

    /** The mean of its batches' losses; NaN if there are none. */
    public double loss() {
        return stepLosses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
