package dev.stockpot.soup.options;

import dev.stockpot.tensor.DType;
import java.nio.file.Path;

/**
 * How candidates are made.
 *
 * @param dtype of their float tensors and of the soup's, or null for the first ingredient's
 * @param onMissing what to do with tensors that not every ingredient has
 * @param scratch the folder where those that are handed over as files lie, or null for one in memory if there is room
 */
public record CandidateOptions(DType dtype, OnMissing onMissing, Path scratch) {
    /** The ingredients' dtype, and all of their tensors. */
    public static CandidateOptions defaults() {
        return new CandidateOptions(null, OnMissing.ERROR, null);
    }
}
