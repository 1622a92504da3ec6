package dev.stockpot.soup.options;

import dev.stockpot.checkpoint.Checkpoint;
import java.util.Objects;

/**
 * One soup that a greedy search tried: the previous soup plus {@code ingredient}.
 *
 * @param ingredient that was added
 * @param score of the soup with it
 * @param accepted whether it was kept
 */
public record Trial(Checkpoint ingredient, double score, boolean accepted) {
    public Trial {
        Objects.requireNonNull(ingredient, "ingredient");
    }
}
