package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator.Batch;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GradientTest {
    private static final String TWO_LAYERS = """
            def forward(self, x):
                h = torch.tanh(torch.matmul(x.to(self.w1.dtype) - self.mean, self.w1) + self.b1)
                return torch.matmul(h, self.w2) * self.scale
            """;
    private static final Map<String, long[]> SHAPES = new LinkedHashMap<>();

    static {
        SHAPES.put("w1", new long[] {3, 4});
        SHAPES.put("b1", new long[] {4});
        SHAPES.put("w2", new long[] {4, 6});
        SHAPES.put("unused", new long[] {2});
        SHAPES.put("scale", new long[] {});
    }

    @TempDir
    Path folder;

    private Path data;
    private FileCandidate candidate;

    @BeforeEach
    void writeDataAndCandidate() throws IOException {
        Random random = new Random(7);
        double[] inputs = new double[10 * 3];
        long[] labels = new long[10];
        for (int n = 0; n < inputs.length; n++) {
            inputs[n] = random.nextFloat();
            labels[n / 3] = random.nextInt(6);
        }
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("labels", FileCandidate.longs("[10]", labels));
        tensors.put("inputs", TestFiles.Tensor.f32("[10,3]", inputs));
        data = TestFiles.write(folder.resolve("data.safetensors"), tensors);

        candidate = new FileCandidate("candidate", new LinkedHashMap<>(), new LinkedHashMap<>());
        SHAPES.forEach((name, shape) -> {
            TensorSpec type =
                    new TensorSpec(name, DType.F64, Arrays.stream(shape).boxed().toList());
            ByteBuffer values = ByteBuffer.allocate((int) (8 * type.elements())).order(ByteOrder.LITTLE_ENDIAN);
            while (values.hasRemaining()) {
                values.putDouble(random.nextGaussian());
            }
            candidate.tensors().put(name, type);
            candidate.values().put(name, values.array());
        });
    }

    private TorchScriptEvaluator open(ScalarType type) {
        Path model =
                Modules.write(folder.resolve(type + ".pt"), type, SHAPES, Map.of("mean", new long[] {3}), TWO_LAYERS);
        return TorchScriptEvaluator.open(
                model, EvaluatorOptions.builder().data(data).build());
    }

    private static double loss(TorchScriptEvaluator evaluator, FileCandidate candidate, Batch batch)
            throws InterruptedException {
        return evaluator.evaluate(candidate, batch).get("loss").orElseThrow();
    }

    @Test
    void gradientsAreTheSlopesOfTheLoss() throws InterruptedException {
        int[] examples = {9, 2, 3, 4, 0, 2};
        Batch batch = new Batch(examples, 1.7);
        double step = 1e-5;
        try (TorchScriptEvaluator evaluator = open(ScalarType.Double);
                Gradient gradient = evaluator.gradient(candidate, batch)) {
            assertEquals(loss(evaluator, candidate, batch), gradient.loss(), 1e-12);
            assertEquals(Set.of("w1", "b1", "w2", "scale"), gradient.byTensor().keySet(), "all but the unused one");
            for (Map.Entry<String, Gradient.Part> part : gradient.byTensor().entrySet()) {
                TensorSpec type = part.getValue().tensor();
                assertEquals(candidate.tensors().get(part.getKey()), type);
                for (int n = 0; n < type.elements(); n++) {
                    double slope = (loss(evaluator, candidate.nudged(part.getKey(), n, step), batch)
                                    - loss(evaluator, candidate.nudged(part.getKey(), n, -step), batch))
                            / (2 * step);
                    double derivative =
                            part.getValue().values().slice(8L * n, 8).getDouble();
                    assertEquals(slope, derivative, 1e-8, part.getKey() + " " + n);
                }
            }
            double slope = (loss(evaluator, candidate, new Batch(examples, 1.7 + step))
                            - loss(evaluator, candidate, new Batch(examples, 1.7 - step)))
                    / (2 * step);
            assertEquals(slope, gradient.byBeta(), 1e-8);
        }
    }

    @Test
    void aF64CandidateInAF32ModuleGetsF32Gradients() throws InterruptedException {
        Batch batch = new Batch(new int[] {0, 1, 2}, 1);
        try (TorchScriptEvaluator wide = open(ScalarType.Double);
                TorchScriptEvaluator narrow = open(ScalarType.Float);
                Gradient expected = wide.gradient(candidate, batch);
                Gradient gradient = narrow.gradient(candidate, batch)) {
            Gradient.Part part = gradient.byTensor().get("w1");
            assertEquals(new TensorSpec("w1", DType.F32, List.of(3L, 4L)), part.tensor());
            for (int n = 0; n < 12; n++) {
                assertEquals(
                        expected.byTensor().get("w1").values().slice(8L * n, 8).getDouble(),
                        part.values().slice(4L * n, 4).getFloat(),
                        1e-6);
            }
        }
    }

    @Test
    void aHalfModuleGivesF32Gradients() throws InterruptedException {
        try (TorchScriptEvaluator evaluator = open(ScalarType.BFloat16);
                Gradient gradient = evaluator.gradient(candidate, new Batch(new int[] {0}, 1))) {
            assertEquals(DType.F32, gradient.byTensor().get("w2").tensor().dtype());
        }
    }

    @Test
    void aGradientIsTheSameAfterOthers() throws InterruptedException {
        Batch batch = new Batch(new int[] {0, 1, 2}, 1);
        try (TorchScriptEvaluator evaluator = open(ScalarType.Double);
                Gradient first = evaluator.gradient(candidate, batch);
                Gradient second = evaluator.gradient(candidate, batch)) {
            first.byTensor()
                    .forEach((name, part) -> assertEquals(
                            part.values().slice(0, 8).getDouble(),
                            second.byTensor().get(name).values().slice(0, 8).getDouble()));
        }
    }

    @Test
    void aNanCandidateHasANanLossAndNoScore() throws InterruptedException {
        FileCandidate nan = candidate.nudged("w1", 0, Double.NaN);
        Batch batch = new Batch(new int[] {0}, 1);
        try (TorchScriptEvaluator evaluator = open(ScalarType.Double);
                Gradient gradient = evaluator.gradient(nan, batch)) {
            assertTrue(Double.isNaN(gradient.loss()));
            String message = assertThrows(EvaluationException.class, () -> evaluator.evaluate(nan))
                    .getMessage();
            assertTrue(
                    message.contains("NaN") && message.contains("example 0") && message.contains("candidate"), message);
        }
    }

    @Test
    void aModuleThatDetachesItsLogitsIsRefused() throws InterruptedException {
        Path model = Modules.write(
                folder.resolve("detached.pt"),
                ScalarType.Double,
                SHAPES,
                Map.of("mean", new long[] {3}),
                TWO_LAYERS.replace("* self.scale", "* self.scale.detach()").replace("self.w2)", "self.w2).detach()"));
        try (var evaluator = TorchScriptEvaluator.open(
                model, EvaluatorOptions.builder().data(data).build())) {
            evaluator.evaluate(candidate);
            assertThrows(EvaluationException.class, () -> evaluator.gradient(candidate, new Batch(new int[] {0}, 1)));
        }
    }

    @Test
    void aBatchScoresAsItsExamplesAlone() throws InterruptedException {
        try (TorchScriptEvaluator evaluator = open(ScalarType.Double)) {
            Scores all = evaluator.evaluate(candidate);
            double loss = 0;
            double accuracy = 0;
            for (int n = 0; n < 10; n++) {
                Scores one = evaluator.evaluate(candidate, new Batch(new int[] {n}, 1));
                loss += one.get("loss").orElseThrow() / 10;
                accuracy += one.get("accuracy").orElseThrow() / 10;
            }
            assertEquals(all.get("loss").orElseThrow(), loss, 1e-12);
            assertEquals(all.get("accuracy").orElseThrow(), accuracy, 1e-12);
            assertThrows(
                    IndexOutOfBoundsException.class, () -> evaluator.evaluate(candidate, new Batch(new int[] {10}, 1)));
        }
    }

    @Test
    void tiedParametersTakeOneTensorAndSumTheirGradients() throws InterruptedException {
        Path model = Modules.writeTied(folder.resolve("tied.pt"), "w1", "w1_again", new long[] {3, 4}, """
                def forward(self, x):
                    return torch.matmul(torch.sin(torch.matmul(x.double(), self.w1)), self.w1_again.t())
                """);
        FileCandidate one =
                candidate.without("b1").without("w2").without("unused").without("scale");
        Batch batch = new Batch(new int[] {0, 1, 2}, 1);
        try (var evaluator = TorchScriptEvaluator.open(
                        model,
                        EvaluatorOptions.builder().data(writeLabels(0, 1, 2)).build());
                Gradient gradient = evaluator.gradient(one, batch)) {
            double step = 1e-5;
            double slope = (loss(evaluator, one.nudged("w1", 5, step), batch)
                            - loss(evaluator, one.nudged("w1", 5, -step), batch))
                    / (2 * step);
            assertEquals(
                    slope, gradient.byTensor().get("w1").values().slice(40, 8).getDouble(), 1e-8);
        }
    }

    private Path writeLabels(long... labels) {
        try {
            Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
            tensors.put("inputs", TestFiles.Tensor.f32("[3,3]", 1, 2, 3, 3, 2, 1, 0, 1, 0));
            tensors.put("labels", FileCandidate.longs("[3]", labels));
            return TestFiles.write(folder.resolve("three.safetensors"), tensors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Takes the slope along the line from one real model to another, as learned coefficients move. */
    @Test
    void realModelsGradientIsTheSlopeBetweenThem() throws InterruptedException {
        FileCandidate from = RealModelsTest.ingredient(0);
        FileCandidate to = RealModelsTest.ingredient(1);
        int[] examples = IntStream.range(100, 228).toArray();
        Batch batch = new Batch(examples, 1.1);
        try (var evaluator = TorchScriptEvaluator.open(
                        RealModelsTest.MODEL,
                        EvaluatorOptions.builder().data(RealModelsTest.HELD_OUT).build());
                Gradient gradient = evaluator.gradient(from, batch)) {
            double dot = 0;
            for (Map.Entry<String, Gradient.Part> part : gradient.byTensor().entrySet()) {
                ByteBuffer a = FileCandidate.buffer(from.values().get(part.getKey()));
                ByteBuffer b = FileCandidate.buffer(to.values().get(part.getKey()));
                for (int at = 0; at < a.capacity(); at += 4) {
                    dot += part.getValue().values().slice(at, 4).getFloat()
                            * ((double) b.getFloat(at) - a.getFloat(at));
                }
            }
            double step = 1e-3;
            FileCandidate ahead = FileCandidate.average("ahead", new double[] {1 - step, step}, from, to);
            FileCandidate behind = FileCandidate.average("behind", new double[] {1 + step, -step}, from, to);
            double slope = (loss(evaluator, ahead, batch) - loss(evaluator, behind, batch)) / (2 * step);
            assertEquals(8, gradient.byTensor().size());
            assertEquals(slope, dot, 2e-3 * Math.abs(slope));
        }
    }
}
