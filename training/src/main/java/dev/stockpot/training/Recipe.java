package dev.stockpot.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;

/**
 * How one family is made: a network pre-trained once, and fine-tuned many times from there.
 *
 * @param pretrained the network with outputs for all classes that it is pre-trained on
 * @param fineTuned the same with outputs only for the last of these classes
 * @param pretraining the examples that it is pre-trained on
 * @param examples the examples that it is fine-tuned on
 * @param heldOut the held-out set that each ingredient is scored on
 * @param test the test set that each ingredient is also scored on
 * @param base the hyperparameters of pre-training
 * @param search the hyperparameters of each ingredient's fine-tuning
 */
record Recipe(
        NetworkSource pretrained,
        NetworkSource fineTuned,
        Examples pretraining,
        Examples examples,
        Examples heldOut,
        Examples test,
        Hyperparameters base,
        List<Hyperparameters> search) {

    /** Draws hyperparameters for {@code count} ingredients; {@code fit} leaves out what does not apply. */
    static List<Hyperparameters> draw(int count, int leastEpochs, long seed, UnaryOperator<Hyperparameters> fit) {
        Random random = new Random(seed);
        List<Hyperparameters> drawn = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            drawn.add(fit.apply(Hyperparameters.draw(random, leastEpochs)));
        }
        return drawn;
    }
}
