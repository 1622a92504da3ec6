package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolType;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A network that is one batch normalisation of three inputs; the expected values are computed in plain Java. */
class RunningStatisticsTest {
    private static final int EXAMPLES = 23;
    private static final int BATCH = 5;

    @TempDir
    Path folder;

    private final double[] inputs = inputs();

    private static double[] inputs() {
        Random random = new Random(5);
        double[] inputs = new double[EXAMPLES * 3];
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = (float) (10 * (i % 3) + (1 + i % 3) * random.nextGaussian());
        }
        return inputs;
    }

    private EvaluatorOptions training() throws IOException {
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("labels", FileCandidate.longs("[" + EXAMPLES + "]", new long[EXAMPLES]));
        tensors.put("inputs", TestFiles.Tensor.f32("[" + EXAMPLES + ",3]", inputs));
        Path data = TestFiles.write(folder.resolve("training.safetensors"), tensors);
        return EvaluatorOptions.builder()
                .data(data)
                .batchSize(BATCH)
                .jobs(1)
                .threads(1)
                .build();
    }

    @SuppressWarnings("try")
    private Path network(String training, double momentum) {
        Path file = folder.resolve("network.pt");
        try (PointerScope scope = new PointerScope()) {
            JitModule module = new JitModule(new QualifiedName("Normalization"));
            module.register_attribute(
                    "training", new Type.TypePtr(BoolType.get().get()), new IValue(true), false, false);
            module.register_parameter("weight", Tensor.create(new float[3], 3), false);
            module.register_parameter("bias", Tensor.create(new float[3], 3), false);
            module.register_buffer("running_mean", Tensor.create(new float[3], 3));
            module.register_buffer("running_var", Tensor.create(new float[3], 3));
            module.define("""
                    def forward(self, x: Tensor) -> Tensor:
                        return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var,
                                                %s, %s, 1e-5, False)
                    """.formatted(training, Double.toString(momentum)));
            module.save(file.toString());
        }
        return file;
    }

    private static FileCandidate candidate() {
        FileCandidate candidate = new FileCandidate("soup", new LinkedHashMap<>(), new LinkedHashMap<>());
        for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
            candidate.tensors().put(name, new TensorSpec(name, DType.F32, List.of(3L)));
            candidate.values().put(name, TestFiles.Tensor.f32("[3]", 7, 8, 9).values());
        }
        return candidate;
    }

    /** With large inputs a momentum of 0.1 must not vanish in the rounding of variances of a million and more. */
    @ParameterizedTest
    @CsvSource({"0.1, 1", "0.003, 1", "1, 1", "0.1, 1100", "0.1, 5700", "0.003, 1100"})
    void areTheMeansOfTheWholeBatchesStatistics(double momentum, double scale) throws Exception {
        for (int i = 0; i < inputs.length; i++) {
            inputs[i] = (float) (scale * inputs[i]);
        }
        Map<String, double[]> statistics =
                RunningStatistics.of(network("self.training", momentum), candidate(), training());
        assertEquals(List.of("running_mean", "running_var"), List.copyOf(statistics.keySet()));
        int batches = EXAMPLES / BATCH;
        for (int feature = 0; feature < 3; feature++) {
            double means = 0;
            double variances = 0;
            for (int b = 0; b < batches; b++) {
                double mean = 0;
                for (int n = b * BATCH; n < (b + 1) * BATCH; n++) {
                    mean += inputs[n * 3 + feature] / (double) BATCH;
                }
                double squares = 0;
                for (int n = b * BATCH; n < (b + 1) * BATCH; n++) {
                    squares += Math.pow(inputs[n * 3 + feature] - mean, 2);
                }
                means += mean / batches;
                variances += squares / (BATCH - 1) / batches;
            }
            assertEquals(means, statistics.get("running_mean")[feature], 1e-5 * (1 + Math.abs(means)));
            assertEquals(variances, statistics.get("running_var")[feature], 1e-5 * (1 + variances));
        }
    }

    @Test
    void aModuleThatDoesNotFollowTrainingModeIsAnError() throws IOException {
        EvaluatorOptions options = training();
        Path traced = network("False", 0.1);
        EvaluationException error =
                assertThrows(EvaluationException.class, () -> RunningStatistics.of(traced, candidate(), options));
        assertTrue(error.getMessage().contains("does not change in training mode"), error.getMessage());
        assertTrue(error.hint().orElseThrow().contains("torch.jit.script"));
    }

    @Test
    void aModuleWithoutBatchNormalisationIsAnError() throws IOException {
        EvaluatorOptions options = EvaluatorOptions.builder()
                .data(RealModelsTest.HELD_OUT)
                .batchSize(100)
                .jobs(1)
                .threads(1)
                .build();
        EvaluationException error = assertThrows(
                EvaluationException.class,
                () -> RunningStatistics.of(RealModelsTest.MODEL, RealModelsTest.ingredient(0), options));
        assertTrue(error.getMessage().contains("no batch normalisation"), error.getMessage());
    }
}
