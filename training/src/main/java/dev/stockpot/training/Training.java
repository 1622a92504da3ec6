package dev.stockpot.training;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OptimizerParamGroupVector;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Trains a network: AdamW on the cross-entropy with soft targets. One thread, so that the same seeds give the same bits. */
final class Training {
    private static final int BATCH = 64;
    /** The fraction of all steps in which the learning rate rises. */
    private static final double RISE = 0.05;

    private Training() {}

    /**
     * Trains a network.
     *
     * @return the last epoch's mean loss
     */
    @SuppressWarnings("try")
    static double run(Network network, Examples examples, Hyperparameters how) {
        useOneThread();
        Random random = new Random(how.seed());
        network.training(true);
        double mean = 0;
        try (PointerScope scope = new PointerScope()) {
            AdamWOptions options = new AdamWOptions(how.learningRate());
            options.weight_decay().put(how.weightDecay());
            AdamW optimizer = new AdamW(network.parameters(), options);
            int steps = examples.size() / BATCH;
            for (int epoch = 0; epoch < how.epochs(); epoch++) {
                int[] order = Order.shuffled(examples.size(), random);
                double loss = 0;
                for (int step = 0; step < steps; step++) {
                    double done = (epoch * steps + step + 1.0) / (how.epochs() * steps);
                    setRate(optimizer, how.learningRate() * schedule(done));
                    int[] indices = Arrays.copyOfRange(order, step * BATCH, (step + 1) * BATCH);
                    loss += step(network, optimizer, examples, indices, how, random);
                }
                mean = loss / steps;
            }
        }
        network.training(false);
        return mean;
    }

    /** Also for multiplying matrices: several threads would mostly wait for one another on such small ones. */
    private static void useOneThread() {
        torch.set_num_threads(1);
        openblas.blas_set_num_threads(1);
    }

    @SuppressWarnings("try")
    private static double step(
            Network network, AdamW optimizer, Examples examples, int[] indices, Hyperparameters how, Random random) {
        try (PointerScope scope = new PointerScope()) {
            Examples.Batch batch = examples.batch(indices, how, random);
            optimizer.zero_grad();
            Tensor loss = network.logits(batch.inputs())
                    .log_softmax(1)
                    .mul(batch.targets())
                    .sum()
                    .mul(new Scalar(-1.0 / indices.length));
            loss.backward();
            optimizer.step();
            return loss.item_float();
        }
    }

    /** The fraction of the examples whose class has the largest logit. */
    @SuppressWarnings("try")
    static double accuracy(Network network, Examples examples) {
        useOneThread();
        network.training(false);
        int right = 0;
        for (int from = 0; from < examples.size(); from += BATCH) {
            int[] indices = IntStream.range(from, Math.min(from + BATCH, examples.size()))
                    .toArray();
            try (PointerScope scope = new PointerScope();
                    NoGradGuard noGrad = new NoGradGuard()) {
                Examples.Batch batch = examples.batch(indices, Hyperparameters.UNCHANGED, new Random(0));
                Tensor same = network.logits(batch.inputs())
                        .argmax(new LongOptional(1), false)
                        .eq(batch.targets().argmax(new LongOptional(1), false));
                right += same.sum().item_int();
            }
        }
        return (double) right / examples.size();
    }

    /** The learning rate as a fraction of its highest value, by the fraction of the steps that is done. */
    private static double schedule(double done) {
        return done < RISE ? done / RISE : 0.5 * (1 + Math.cos(Math.PI * (done - RISE) / (1 - RISE)));
    }

    private static void setRate(AdamW optimizer, double rate) {
        OptimizerParamGroupVector groups = optimizer.param_groups();
        groups.get(0).options().set_lr(rate);
    }
}
