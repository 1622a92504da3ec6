package dev.stockpot.evaluate.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.TensorInfo;
import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.heldout.LogitRows;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * A batch's logits in F64, and the examples' labels.
 *
 * @param values [examples, classes]
 */
record Logits(double[] values, int classes, long[] labels) implements LogitRows {
    /**
     * Copies a model's output.
     *
     * @param rows how many it should have; those after the examples are of none
     * @throws EvaluationException if it is no logits, or a label is not one of the classes
     */
    static Logits of(Path model, OnnxValue output, int rows, int[] examples, long[] labels) {
        if (!(output instanceof OnnxTensor tensor)
                || tensor.getInfo().getShape().length != 2
                || tensor.getInfo().getShape()[0] != rows
                || OnnxRuntime.floats(tensor.getInfo().type) == null) {
            throw new EvaluationException(
                    Reason.MODULE,
                    model + " should return float logits [" + rows + ", classes] but returns " + described(output),
                    Details.of().file(model).hint("name the output that has them, if there are several"));
        }
        DType dtype = OnnxRuntime.floats(tensor.getInfo().type);
        int classes = Math.toIntExact(tensor.getInfo().getShape()[1]);
        check(examples, labels, classes);
        ByteBuffer bytes = tensor.getByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[Math.multiplyExact(examples.length, classes)];
        for (int k = 0; k < values.length; k++) {
            values[k] = FloatFormat.decode(dtype, bytes, k * (dtype.bits() / Byte.SIZE));
        }
        return new Logits(values, classes, labels);
    }

    private static void check(int[] examples, long[] labels, int classes) {
        for (int row = 0; row < labels.length; row++) {
            if (labels[row] < 0 || labels[row] >= classes) {
                throw new EvaluationException(
                        Reason.MODULE,
                        "the label of example " + examples[row] + " is " + labels[row] + " but the " + WeightPlan.NOUN
                                + " returns logits of " + classes + " classes");
            }
        }
    }

    private static String described(OnnxValue output) {
        return output.getInfo() instanceof TensorInfo tensor
                ? tensor.type + " " + Arrays.toString(tensor.getShape())
                : output.getType().toString();
    }

    @Override
    public int rows() {
        return labels.length;
    }

    @Override
    public DoubleBuffer row(int row) {
        return DoubleBuffer.wrap(values, row * classes, classes).slice();
    }

    @Override
    public int label(int row) {
        return (int) labels[row];
    }
}
