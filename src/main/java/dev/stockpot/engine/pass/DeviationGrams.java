package dev.stockpot.engine.pass;

import dev.stockpot.engine.Engine;
import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * The inner products of models' deviations from an origin, tensor by tensor, in one pass over the models. For each tensor,
 * the vectors are the models' deviations in order, followed by the origin itself.
 *
 * <p>Deviations are formed in F64, each with one rounding, before anything is multiplied: fine-tuned models differ little, and
 * the difference of large products would keep few digits. Sums are those of the dot product contract
 * (docs/numbers.md), so their bits do not depend on threads, tiles, kernels or the way of reading.
 */
public final class DeviationGrams {
    private DeviationGrams() {}

    /**
     * One for each of {@code tensors}; NaN and infinities if the values have them or sums overflow.
     *
     * @throws dev.stockpot.error.CheckpointException if a file cannot be read, or changed meanwhile
     * @throws InterruptedException if the calling thread was interrupted; no thread is left running
     */
    public static List<Gram> of(List<Deviations> tensors, Engine engine) throws InterruptedException {
        Gram[] grams = new Gram[tensors.size()];
        List<Task> tasks = new ArrayList<>(tensors.size());
        for (int t = 0; t < grams.length; t++) {
            int tensor = t;
            Deviations deviations = tensors.get(t);
            tasks.add(Reduce.to(
                    deviations.spans(),
                    new DeviationProducts(deviations),
                    products -> grams[tensor] = new Gram(deviations.sources().size() + 1, Sums.finished(products))));
        }
        Pass.run(tasks, engine);
        return List.of(grams);
    }

    /** The inner products of whole models: the sum over {@code tensors}, which all have the same models. */
    public static Gram sum(List<Gram> tensors) {
        return Gram.sum(tensors.get(0).vectors(), tensors);
    }
}
