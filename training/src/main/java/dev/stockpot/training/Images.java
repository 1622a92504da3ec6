package dev.stockpot.training;

import java.util.Arrays;
import java.util.Random;
import org.bytedeco.pytorch.Tensor;

/**
 * Grey images of 28 x 28, one byte per pixel, and their labels.
 *
 * @param pixels by image
 * @param labels by image, from 0
 * @param classes the number of classes; more than any label
 */
record Images(byte[][] pixels, int[] labels, int classes) implements Examples {
    static final int SIDE = 28;

    @Override
    public int size() {
        return labels.length;
    }

    /** The images from index {@code from} to before {@code to}. */
    Images range(int from, int to) {
        return new Images(Arrays.copyOfRange(pixels, from, to), Arrays.copyOfRange(labels, from, to), classes);
    }

    /** The images in an order drawn with {@code seed}. */
    Images shuffled(long seed) {
        int[] order = Order.shuffled(size(), new Random(seed));
        byte[][] some = new byte[size()][];
        int[] their = new int[size()];
        for (int i = 0; i < size(); i++) {
            some[i] = pixels[order[i]];
            their[i] = labels[order[i]];
        }
        return new Images(some, their, classes);
    }

    /** These images, followed by others, whose labels count on from these classes. */
    Images and(Images others) {
        byte[][] all = Arrays.copyOf(pixels, size() + others.size());
        int[] their = Arrays.copyOf(labels, size() + others.size());
        for (int i = 0; i < others.size(); i++) {
            all[size() + i] = others.pixels[i];
            their[size() + i] = classes + others.labels[i];
        }
        return new Images(all, their, classes + others.classes);
    }

    @Override
    public Batch batch(int[] indices, Hyperparameters how, Random random) {
        int area = SIDE * SIDE;
        float[] inputs = new float[indices.length * area];
        float[] targets = new float[indices.length * classes];
        for (int row = 0; row < indices.length; row++) {
            Augmentation.copy(pixels[indices[row]], inputs, row * area, how, random);
            Arrays.fill(targets, row * classes, (row + 1) * classes, (float) (how.smoothing() / classes));
            targets[row * classes + labels[indices[row]]] += (float) (1 - how.smoothing());
        }
        if (how.mixup() > 0) {
            Mixup mixup = Mixup.draw(how.mixup(), indices.length, random);
            inputs = mixup.mix(inputs);
            targets = mixup.mix(targets);
        }
        return new Batch(
                Tensor.create(inputs, indices.length, 1, SIDE, SIDE), Tensor.create(targets, indices.length, classes));
    }
}
