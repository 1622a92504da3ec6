package dev.stockpot.training;

import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/** Examples that a network learns from. */
interface Examples {
    /** How many there are. */
    int size();

    /** How many classes they have. */
    int classes();

    /**
     * The examples with these numbers, changed at random as {@code how} says; owned by the caller's {@code PointerScope}.
     */
    Batch batch(int[] indices, Hyperparameters how, Random random);

    /**
     * A batch.
     *
     * @param inputs [n, ...]
     * @param targets [n, classes], probabilities
     */
    record Batch(Tensor inputs, Tensor targets) {}
}
