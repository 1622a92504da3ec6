package dev.stockpot.engine.pass;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.kernel.Operand;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.io.TempDir;

/** Two models of several tensors, one of them in BF16. */
abstract class TwoModels {
    static final int[] SIZES = {300_001, 0, 5, 2 * 262_144, 1};

    @TempDir
    Path folder;

    static double[] values(Operand operand, long elements) {
        int bytes = (int) operand.dtype().bytes(elements);
        return TestFiles.decoded(
                operand.dtype(), operand.memory().slice(operand.offset(), bytes).slice());
    }

    /** Two models of several tensors, their values in {@code values} by model and tensor. */
    List<List<TensorInfo>> models(double[][][] values) throws IOException {
        List<List<TensorInfo>> tensors = new ArrayList<>();
        for (int t = 0; t < SIZES.length; t++) {
            tensors.add(new ArrayList<>());
        }
        Random random = new Random(1);
        for (int k = 0; k < 2; k++) {
            Map<String, Tensor> model = new LinkedHashMap<>();
            for (int t = 0; t < SIZES.length; t++) {
                double[] drawn = DoubleStream.generate(random::nextGaussian)
                        .limit(SIZES[t])
                        .toArray();
                String shape = "[" + SIZES[t] + "]";
                Tensor tensor = k == 0 ? Tensor.f32(shape, drawn) : Tensor.bf16(shape, drawn);
                values[k][t] = tensor.decoded();
                model.put("t" + t, tensor);
            }
            Path file = TestFiles.write(folder.resolve(k + ".safetensors"), model);
            List<TensorInfo> opened =
                    List.copyOf(Checkpoint.open(file).tensors().values());
            for (int t = 0; t < SIZES.length; t++) {
                tensors.get(t).add(opened.get(t));
            }
        }
        return tensors;
    }
}
