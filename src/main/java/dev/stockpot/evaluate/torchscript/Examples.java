package dev.stockpot.evaluate.torchscript;

import org.bytedeco.pytorch.Tensor;

/**
 * A batch of the held-out set.
 *
 * @param indices [n] of the examples in the set
 * @param inputs [n, ...] as they are stored; closed with this
 * @param labels [n]
 */
record Examples(int[] indices, Tensor inputs, long[] labels) implements AutoCloseable {
    @Override
    public void close() {
        inputs.close();
    }
}
