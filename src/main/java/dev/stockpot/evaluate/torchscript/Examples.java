package dev.stockpot.evaluate.torchscript;

import dev.stockpot.evaluate.heldout.HeldOutSet;
import org.bytedeco.pytorch.Tensor;

/**
 * A batch of the held-out set.
 *
 * @param indices [n] of the examples in the set
 * @param inputs [n, ...] as they are stored; closed with this
 * @param labels [n]
 */
record Examples(int[] indices, Tensor inputs, long[] labels) implements AutoCloseable {
    /**
     * Reads examples; the caller closes them.
     *
     * @throws IndexOutOfBoundsException if there is no such example
     */
    static Examples read(HeldOutSet data, HeldOutSet.Reader reader, int[] indices) throws InterruptedException {
        long[] labels = reader.labels(indices);
        long[] shape = data.inputs().shape().stream().mapToLong(Long::longValue).toArray();
        shape[0] = indices.length;
        Tensor tensor = LibTorch.empty(LibTorch.type(data.inputs().dtype(), "inputs"), shape);
        boolean read = false;
        try {
            reader.read(data.inputs(), indices, TensorBytes.of(tensor));
            read = true;
            return new Examples(indices, tensor, labels);
        } finally {
            if (!read) {
                tensor.close();
            }
        }
    }

    @Override
    public void close() {
        inputs.close();
    }
}
