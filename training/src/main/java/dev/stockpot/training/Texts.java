package dev.stockpot.training;

import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * Texts as word numbers, padded with 0.
 *
 * @param words by text, each {@link #LENGTH} long
 * @param labels by text, from 0
 * @param classes the number of classes; more than any label
 */
record Texts(int[][] words, int[] labels, int classes) implements Examples {
    static final int LENGTH = 32;
    /** The number of a word that is not in the vocabulary. */
    static final int UNKNOWN = 1;

    @Override
    public int size() {
        return labels.length;
    }

    /** The texts from index {@code from} to before {@code to}, with {@code offset} subtracted from their labels. */
    Texts range(int from, int to, int offset) {
        int[] their = Arrays.stream(labels, from, to).map(l -> l - offset).toArray();
        return new Texts(Arrays.copyOfRange(words, from, to), their, classes - offset);
    }

    @Override
    public Batch batch(int[] indices, Hyperparameters how, Random random) {
        long[] inputs = new long[indices.length * LENGTH];
        float[] targets = new float[indices.length * classes];
        for (int row = 0; row < indices.length; row++) {
            for (int i = 0; i < LENGTH; i++) {
                int word = words[indices[row]][i];
                boolean left = word != 0 && how.erase() > 0 && random.nextInt(100) < how.erase();
                inputs[row * LENGTH + i] = left ? UNKNOWN : word;
            }
            Arrays.fill(targets, row * classes, (row + 1) * classes, (float) (how.smoothing() / classes));
            targets[row * classes + labels[indices[row]]] += (float) (1 - how.smoothing());
        }
        return new Batch(
                Tensor.create(inputs, indices.length, LENGTH), Tensor.create(targets, indices.length, classes));
    }
}
