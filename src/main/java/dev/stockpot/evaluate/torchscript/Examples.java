package dev.stockpot.evaluate.torchscript;

import org.bytedeco.pytorch.Tensor;

/**
 * A batch of the held-out set.
 *
 * @param indices of the examples in the set
 * @param inputs [as many, ...] as they are stored; closed with this
 * @param labels as many
 */
record Examples(int[] indices, Tensor inputs, long[] labels) implements AutoCloseable {
    @Override
    public void close() {
        inputs.close();
    }
}
