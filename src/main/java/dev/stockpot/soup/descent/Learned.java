package dev.stockpot.soup.descent;

import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.options.Epoch;
import java.util.List;

/**
 * Coefficients that were found, and how good their soup is.
 *
 * @param coefficients of the soup
 * @param epochs in order; none if the coefficients were searched by score
 * @param metric the main one
 * @param start scores of the starting soup
 * @param scores of the soup, on all of the held-out set
 * @param worse whether the soup is worse than the starting soup
 */
public record Learned(
        Coefficients coefficients, List<Epoch> epochs, String metric, Scores start, Scores scores, boolean worse) {
    public Learned {
        epochs = List.copyOf(epochs);
    }
}
