package dev.stockpot.engine.pass;

import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Stretch;
import dev.stockpot.run.MixListener;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The dot products of gradients with the ingredients that a soup is mixed from (Wortsman et al. 2022, appendix I: the
 * derivative of the loss by a mixing coefficient), in one streaming pass over the ingredients. Their bits do not depend on
 * threads, tiles, kernels or the way of reading (docs/numbers.md).
 */
public final class GradientDots {
    private GradientDots() {}

    /** What follows on a tensor's dot products. Called once a tensor, one call at a time, in any order of the tensors. */
    @FunctionalInterface
    public interface Update {
        /**
         * How to mix the tensor next from the same sources; null to leave it as it is.
         *
         * @param tensor its place in the list, from 0
         * @param dots one a source
         */
        MixTensor.Average next(int tensor, double[] dots);
    }

    /**
     * The dot products, for each tensor one a source; NaN and infinities where the operands have them or sums overflow.
     *
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read, or changed meanwhile
     * @throws dev.stockpot.error.EvaluationException where a gradient's memory is a mapping that cannot be read any more
     * @throws InterruptedException where the calling thread was interrupted; no thread is left running
     */
    public static double[][] of(List<TensorGradient> gradients, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        double[][] results = new double[gradients.size()][];
        StepEngine.Update keep = (tensor, dots) -> {
            results[tensor] = dots;
            return null;
        };
        run(gradients, keep, new MemorySink((tensor, offset, length) -> null), false, settings, listener);
        return results;
    }

    /**
     * Multiplies one tensor after the other and mixes each anew, into {@code destination}, as soon as {@code update} has seen
     * its dot products: sources that fit into a cache, or into memory where they come from a disk, are read once for both.
     * The gradients' memory may not overlap the destination.
     *
     * @param dtypes of the mixed tensors, in the order of {@code gradients}
     * @throws dev.stockpot.error.CheckpointException where a file cannot be read, or changed meanwhile
     * @throws dev.stockpot.error.EvaluationException where a gradient's memory is a mapping that cannot be read any more
     * @throws InterruptedException where the calling thread was interrupted; no thread is left running
     */
    public static void thenMix(
            List<TensorGradient> gradients,
            List<DType> dtypes,
            Update update,
            Destination destination,
            EngineSettings settings,
            MixListener listener)
            throws InterruptedException {
        StepEngine.Update mix = (tensor, dots) -> {
            MixTensor.Average how = update.next(tensor, dots);
            return how == null
                    ? null
                    : new Stretch(
                            tensor, 0, dtypes.get(tensor), gradients.get(tensor).spans(), how);
        };
        run(gradients, mix, new MemorySink(destination), true, settings, listener);
    }

    private static void run(
            List<TensorGradient> gradients,
            StepEngine.Update update,
            OutputSink sink,
            boolean mixes,
            EngineSettings settings,
            MixListener listener)
            throws InterruptedException {
        try {
            new StepEngine(settings, listener, mixes).run(gradients, update, sink);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
