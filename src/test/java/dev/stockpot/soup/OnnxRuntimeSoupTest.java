package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.stockpot.checkpoint.Checkpoint;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What ONNX Runtime computes with soups of ONNX models, against plain arithmetic with the means of their values. */
class OnnxRuntimeSoupTest {
    private static final Path MODELS = Path.of("src/test/resources/onnx");

    @TempDir
    Path folder;

    private static double[] mean(String name, Checkpoint a, Checkpoint b, String other) {
        double[] mean = a.doubles(name);
        double[] values = b.doubles(other);
        for (int k = 0; k < mean.length; k++) {
            mean[k] = (mean[k] + values[k]) / 2;
        }
        return mean;
    }

    private static Object run(Path model, Map<String, Object> inputs) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        Map<String, OnnxTensor> tensors = new HashMap<>();
        for (Map.Entry<String, Object> input : inputs.entrySet()) {
            tensors.put(input.getKey(), OnnxTensor.createTensor(environment, input.getValue()));
        }
        try (OrtSession session = environment.createSession(model.toString());
                OrtSession.Result result = session.run(tensors)) {
            return result.get(0).getValue();
        } finally {
            tensors.values().forEach(OnnxTensor::close);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "export_a.onnx, export_b.onnx, onnx::MatMul_14, onnx::MatMul_15, onnx::MatMul_28, onnx::MatMul_29",
        "external_a.onnx, external_b.onnx, onnx::MatMul_14, onnx::MatMul_15, onnx::MatMul_14, onnx::MatMul_15",
        "dynamo_a.onnx, dynamo_b.onnx, val_0, val_2, val_0, val_2"
    })
    void exportedNetworks(String first, String second, String w1, String w2, String w1OfSecond, String w2OfSecond)
            throws Exception {
        Checkpoint a = Checkpoint.open(MODELS.resolve(first));
        Checkpoint b = Checkpoint.open(MODELS.resolve(second));
        Path out = folder.resolve("soup.onnx");
        UniformSoup.of(a, b).write(out);
        double[] fc = mean(w1, a, b, w1OfSecond);
        double[] head = mean(w2, a, b, w2OfSecond);
        double[] fcBias = mean("fc.bias", a, b, "fc.bias");
        double[] headBias = mean("head.bias", a, b, "head.bias");
        double scale = mean("scale", a, b, "scale")[0];

        float[][][] x = new float[2][5][4];
        float[][][] y = new float[2][5][3];
        for (int n = 0; n < 10; n++) {
            float[] row = x[n / 5][n % 5];
            double[] hidden = fcBias.clone();
            for (int i = 0; i < 4; i++) {
                row[i] = (float) Math.sin(7 * n + i);
                for (int j = 0; j < 3; j++) {
                    hidden[j] += row[i] * fc[3 * i + j];
                }
            }
            for (int j = 0; j < 3; j++) {
                double sum = headBias[j];
                for (int i = 0; i < 3; i++) {
                    sum += Math.max(0, hidden[i]) * head[3 * i + j];
                }
                y[n / 5][n % 5][j] = (float) (sum * scale);
            }
        }
        float[][][] found = (float[][][]) run(out, Map.of("x", x));
        for (int n = 0; n < 10; n++) {
            assertArrayEquals(y[n / 5][n % 5], found[n / 5][n % 5], 1e-5f, "row " + n);
        }
    }

    @Test
    void graphsInNodesConstantsMasksAndFunctions() throws Exception {
        Checkpoint a = Checkpoint.open(MODELS.resolve("inner_a.onnx"));
        Checkpoint b = Checkpoint.open(MODELS.resolve("inner_b.onnx"));
        Path out = folder.resolve("soup.onnx");
        UniformSoup.of(a, b).write(out);
        float[] x = {1, 2, -3};
        for (boolean flag : new boolean[] {true, false}) {
            String w = "choice/" + (flag ? "then" : "else") + "_branch/w";
            double[] chosen = mean(w, a, b, w);
            double[] bias = mean("bias", a, b, "bias");
            double[] by = mean("local::shift/by", a, b, "local::shift/by");
            float[] y = (float[]) run(out, Map.of("x", x, "flag", flag));
            assertEquals(x[0] * chosen[0] + bias[0] + by[0], y[0], 1e-5);
            assertEquals(Float.NEGATIVE_INFINITY, y[1]);
            assertEquals(x[2] * chosen[2] + bias[2] + by[2], y[2], 1e-5);
        }
    }
}
