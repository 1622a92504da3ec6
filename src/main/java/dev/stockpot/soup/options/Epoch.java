package dev.stockpot.soup.options;

import dev.stockpot.evaluate.Scores;
import java.util.List;

/**
 * What an epoch of a learned soup gave.
 *
 * @param number from 1; 0 for the soup that was started from
 * @param stepLosses its batches' losses, in order
 * @param scores of the soup after it
 */
public record Epoch(int number, List<Double> stepLosses, Scores scores) {
    public Epoch {
        stepLosses = List.copyOf(stepLosses);
    }

    /** The mean of its batches' losses; NaN where there are none. */
    public double loss() {
        return stepLosses.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }
}
