package dev.stockpot.engine.pass;

import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.Task;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The dot products of gradients with the ingredients that a soup is mixed from (Wortsman et al. 2022, appendix I: the
 * derivative of the loss with respect to a mixing coefficient), in one pass over the ingredients. Their bits do not depend on
 * threads, tiles, kernels or the way of reading (docs/numbers.md).
 */
public final class GradientDots {
    private GradientDots() {}

    /** Decides what follows from a tensor's dot products. Called once per tensor, one at a time, in any order of tensors. */
    @FunctionalInterface
    public interface Update {
        /**
         * How to mix the tensor next from the same sources, by a combination that needs nothing besides; empty to leave it as
         * it is.
         *
         * @param tensor its place in the list, from 0
         * @param dots one per source
         */
        Optional<Combination> next(int tensor, double[] dots);
    }

    /** Where a tensor that is mixed again goes. */
    public record Place(int output, long offset, DType dtype) {}

    /**
     * The dot products, for each tensor one per source; NaN and infinities if the operands have them or sums overflow.
     *
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws dev.stockpot.error.EvaluationException if a gradient's memory is a mapping that can no longer be read
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static double[][] of(List<TensorGradient> gradients, Engine engine) throws InterruptedException {
        double[][] results = new double[gradients.size()][];
        List<Task> tasks = new ArrayList<>(gradients.size());
        for (int t = 0; t < gradients.size(); t++) {
            int tensor = t;
            TensorGradient gradient = gradients.get(t);
            tasks.add(Reduce.to(
                    gradient.spans(), new DotProducts(gradient), dots -> results[tensor] = Sums.finished(dots)));
        }
        Pass.run(tasks, engine);
        return results;
    }

    /**
     * Multiplies tensor by tensor, and mixes each again as soon as {@code update} has received its dot products: sources that
     * fit into a cache, or into memory if they come from a disk, are read once for both. The gradients' memory must not
     * overlap the mixed tensors.
     *
     * @param places of the mixed tensors in {@code sink}, in the order of {@code gradients}
     * @throws IOException if the sink fails
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws dev.stockpot.error.EvaluationException if a gradient's memory is a mapping that can no longer be read
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static void thenMix(
            List<TensorGradient> gradients, List<Place> places, Update update, OutputSink sink, Engine engine)
            throws IOException, InterruptedException {
        Pass.run(thenMix(gradients, places, update), sink, engine);
    }

    private static List<Task> thenMix(List<TensorGradient> gradients, List<Place> places, Update update) {
        List<Task> tasks = new ArrayList<>(gradients.size());
        for (int t = 0; t < gradients.size(); t++) {
            int tensor = t;
            TensorGradient gradient = gradients.get(t);
            Place place = places.get(t);
            tasks.add(new Reduce<>(
                    gradient.spans(),
                    new DotProducts(gradient),
                    Optional.of(Needs.NOTHING),
                    dots -> update.next(tensor, Sums.finished(dots))
                            .map(how ->
                                    Stretch.of(place.output(), place.offset(), place.dtype(), gradient.spans(), how))));
        }
        return tasks;
    }

    /** The same into a program's memory, one target per tensor. */
    public static void thenMix(
            List<TensorGradient> gradients,
            List<DType> dtypes,
            Update update,
            List<TensorMemory> targets,
            Engine engine)
            throws InterruptedException {
        List<Place> places = new ArrayList<>();
        for (int t = 0; t < dtypes.size(); t++) {
            places.add(new Place(t, 0, dtypes.get(t)));
        }
        Pass.run(thenMix(gradients, places, update), targets, engine);
    }
}
