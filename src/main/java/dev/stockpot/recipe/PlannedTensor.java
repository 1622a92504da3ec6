package dev.stockpot.recipe;

import dev.stockpot.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A tensor of a merge's output, before any value is read.
 *
 * @param spec its name, type and shape
 * @param models how many models it is made of, the base not counted; 1 for one that is copied
 * @param base whether the base takes part
 * @param copied whether it is taken from its one model as it is, with its bytes
 * @param parameters the method's parameters with their values here: one for each model, or one for the tensor; empty for a
 *     copy
 * @param method the merge method's name, such as {@code ties}
 * @param passes how often its values are read at most; more than once if numbers about all of them decide how it is made
 * @param bytesRead of all sources, once; later reads of a tensor come from the page cache if it fits
 * @param memory the bytes of buffers that each thread takes for it, besides the files' own pages
 * @param onCpu the part of the work that the CPU does even if the rest is done by a GPU; empty if there is none
 */
public record PlannedTensor(
        TensorSpec spec,
        int models,
        boolean base,
        boolean copied,
        Map<String, List<Double>> parameters,
        String method,
        int passes,
        long bytesRead,
        long memory,
        Optional<String> onCpu) {
    public PlannedTensor {
        parameters = Map.copyOf(parameters);
    }
}
