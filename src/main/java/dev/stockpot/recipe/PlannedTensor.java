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
 * @param measured whether its values are read more than once: numbers about all of them decide how it is made
 * @param bytesRead of all sources, once
 * @param onCpu the part of the work that the CPU does even if the rest is done by a GPU; empty if there is none
 */
public record PlannedTensor(
        TensorSpec spec,
        int models,
        boolean base,
        boolean copied,
        Map<String, List<Double>> parameters,
        boolean measured,
        long bytesRead,
        Optional<String> onCpu) {
    public PlannedTensor {
        parameters = Map.copyOf(parameters);
    }
}
