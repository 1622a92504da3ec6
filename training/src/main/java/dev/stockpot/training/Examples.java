package dev.stockpot.training;

import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/** Examples that a network learns from. */
interface Examples {
    /** The number of examples. */
    int size();

    /** The number of classes. */
    int classes();

    /**
     * The examples at these indices, changed at random as {@code how} defines; owned by the caller's {@code PointerScope}.
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
