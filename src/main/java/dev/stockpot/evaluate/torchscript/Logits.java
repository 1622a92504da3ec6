package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.heldout.LogitRows;
import java.nio.DoubleBuffer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** A batch's logits [examples, classes] in F64, row by row, and their labels. */
final class Logits implements LogitRows, AutoCloseable {
    private final Tensor values;
    private final TensorBytes memory;
    private final int classes;
    private final long[] labels;

    private Logits(Tensor values, int classes, long[] labels) {
        this.values = values;
        this.memory = TensorBytes.of(values);
        this.classes = classes;
        this.labels = labels;
    }

    /**
     * Copies a module's output. Must be called in a {@code PointerScope}; the caller closes the copy.
     *
     * @param raw [examples, classes], of a float type
     * @throws EvaluationException if a label is not one of the classes
     */
    static Logits of(Tensor raw, Examples examples) {
        int classes = Math.toIntExact(raw.size(1));
        long[] labels = examples.labels();
        for (int row = 0; row < labels.length; row++) {
            if (labels[row] < 0 || labels[row] >= classes) {
                throw new EvaluationException(
                        Reason.MODULE,
                        "the label of example " + examples.indices()[row] + " is " + labels[row]
                                + " but the module returns logits of " + classes + " classes");
            }
        }
        // F64 logits are copied too: the module may have returned its own memory.
        Tensor values = LibTorch.empty(ScalarType.Double, labels.length, classes);
        values.copy_(raw.detach());
        return new Logits(values, classes, labels);
    }

    @Override
    public int rows() {
        return labels.length;
    }

    @Override
    public int classes() {
        return classes;
    }

    /** One example's logits, to read or to write. */
    @Override
    public DoubleBuffer row(int row) {
        int bytes = Math.multiplyExact(classes, Double.BYTES);
        return memory.slice((long) row * bytes, bytes).asDoubleBuffer();
    }

    @Override
    public int label(int row) {
        return (int) labels[row];
    }

    /** All logits, for libtorch. */
    Tensor tensor() {
        return values;
    }

    @Override
    public void close() {
        values.close();
    }
}
