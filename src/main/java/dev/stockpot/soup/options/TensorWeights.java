package dev.stockpot.soup.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.tensor.TensorSpec;
import java.util.List;

/** The ingredients' weights, tensor by tensor. */
@FunctionalInterface
public interface TensorWeights {
    /**
     * The weights for one tensor; called once for each float tensor, in the soup's order.
     *
     * @param ingredients those that have the tensor, in order
     * @return a finite number for each of them
     */
    double[] of(TensorSpec tensor, List<Checkpoint> ingredients);
}
