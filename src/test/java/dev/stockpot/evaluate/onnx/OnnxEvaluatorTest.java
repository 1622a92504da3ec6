package dev.stockpot.evaluate.onnx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Outputs;
import dev.stockpot.evaluate.OutputsEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.soup.GreedyResult;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scores by ONNX Runtime, against those of libtorch and against plain Java. */
class OnnxEvaluatorTest {
    private static final Path MODELS = Path.of("src/test/resources/onnx");
    private static final Path NETWORK = MODELS.resolve("network.onnx");
    private static final Path TORCH = Path.of("src/test/resources/evaluate/model.torchscript.pt");
    private static final Path HELD_OUT = Path.of("src/test/resources/evaluate/heldout.safetensors");
    private static final int EXAMPLES = 10;

    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();
    private final float[] weight = new float[6 * 64];
    private final float[] bias = new float[6];
    private final float[] x = new float[EXAMPLES * 64];
    private final float[] shift = new float[EXAMPLES * 6];
    private Path data;

    @BeforeEach
    void data() throws IOException {
        Random random = new Random(5);
        for (float[] values : List.of(weight, bias, x, shift)) {
            for (int k = 0; k < values.length; k++) {
                values[k] = (float) random.nextGaussian();
            }
        }
        data = folder.resolve("data.safetensors");
        Map<String, Tensor> held = new LinkedHashMap<>();
        held.put("inputs", f32("[10,64]", x));
        held.put("shift", f32("[10,6]", shift));
        held.put("labels", labels(k -> k % 6));
        TestFiles.write(data, held);
    }

    private static Tensor labels(IntUnaryOperator of) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * EXAMPLES).order(ByteOrder.LITTLE_ENDIAN);
        IntStream.range(0, EXAMPLES).forEach(k -> bytes.putLong(of.applyAsInt(k)));
        return new Tensor(DType.I64, "[10]", bytes.array());
    }

    private static Tensor f32(String shape, float... values) {
        return Tensor.f32(
                shape,
                IntStream.range(0, values.length).mapToDouble(k -> values[k]).toArray());
    }

    private static Tensor f64(String shape, float... values) {
        return Tensor.f64(
                shape,
                IntStream.range(0, values.length).mapToDouble(k -> values[k]).toArray());
    }

    private Checkpoint candidate(Map<String, Tensor> tensors) throws IOException {
        return Checkpoint.open(TestFiles.write(folder.resolve("candidate.safetensors"), tensors));
    }

    private Checkpoint candidate() throws IOException {
        return candidate(Map.of("fc.weight", f32("[6,64]", weight), "fc.bias", f32("[6]", bias)));
    }

    private EvaluatorOptions.Builder options(Path file) {
        return EvaluatorOptions.builder().data(file).batchSize(4).notes(notes::add);
    }

    /** The graph of two_inputs.onnx in F64. */
    private double[][] expected(boolean shifted) {
        double[][] logits = new double[EXAMPLES][6];
        for (int n = 0; n < EXAMPLES; n++) {
            for (int c = 0; c < 6; c++) {
                logits[n][c] = 2.0 * bias[c] + (shifted ? shift[n * 6 + c] : 0);
                for (int k = 0; k < 64; k++) {
                    logits[n][c] += (double) x[n * 64 + k] * weight[c * 64 + k];
                }
            }
        }
        return logits;
    }

    private static void assertClose(double[][] expected, Outputs outputs) {
        for (int n = 0; n < expected.length; n++) {
            assertArrayEquals(expected[n], outputs.logits()[n], 1e-4, "example " + n);
        }
    }

    private Outputs outputs(Path model, EvaluatorOptions options, Checkpoint candidate) throws InterruptedException {
        Outputs[] found = new Outputs[1];
        try (OutputsEvaluator evaluator = Evaluators.onnx(model, options)) {
            Evaluator asking = Evaluators.of("asking", c -> {
                found[0] = evaluator.outputs(c);
                return Scores.of("accuracy", found[0].accuracy());
            });
            Stockpot.evaluate(List.of(candidate), asking);
        }
        return found[0];
    }

    @Test
    void scoresEqualLibtorchsOnTheSameNetwork() throws Exception {
        List<Path> ingredients = IntStream.range(0, 8)
                .mapToObj(k -> Path.of("examples/ingredients/model_0" + k + ".safetensors"))
                .toList();
        List<Checkpoint> models =
                ingredients.subList(0, 3).stream().map(Checkpoint::open).toList();
        EvaluatorOptions options = EvaluatorOptions.builder()
                .data(HELD_OUT)
                .jobs(2)
                .notes(notes::add)
                .build();
        try (Evaluator onnx = Evaluators.open("onnx:" + NETWORK, options);
                Evaluator torch = Evaluators.torchScript(TORCH, options)) {
            List<Scores> found = Stockpot.evaluate(models, onnx);
            List<Scores> expected = Stockpot.evaluate(models, torch);
            for (int k = 0; k < models.size(); k++) {
                assertEquals(expected.get(k).get("accuracy"), found.get(k).get("accuracy"));
                assertEquals(expected.get(k).get("top5_accuracy"), found.get(k).get("top5_accuracy"));
                assertEquals(
                        expected.get(k).get("loss").orElseThrow(),
                        found.get(k).get("loss").orElseThrow(),
                        1e-6);
            }
            // As plain PyTorch measured it.
            assertEquals(0.9145299145299145, found.get(0).get("accuracy").orElseThrow());
            GreedyResult greedy = Stockpot.greedy(ingredients).search(onnx);
            assertEquals(2, greedy.chosen().size());
            assertEquals(0.9183006535947712, greedy.score());
        }
        assertTrue(notes.stream().anyMatch(n -> n.startsWith("constants that the checkpoint lacks")), notes::toString);
    }

    /** A runtime transposes a weight once, when it makes its session: of the candidate, not of the file. */
    @Test
    void whatTheRuntimeComputesBeforehandIsOfTheCandidate() throws Exception {
        EvaluatorOptions options =
                options(data).inputName("x").outputName("logits").build();
        assertClose(expected(true), outputs(MODELS.resolve("two_inputs.onnx"), options, candidate()));
        // Larger or smaller types are converted.
        Map<String, Tensor> wide = Map.of("fc.weight", f64("[6,64]", weight), "fc.bias", f64("[6]", bias));
        assertClose(expected(true), outputs(MODELS.resolve("two_inputs.onnx"), options, candidate(wide)));
    }

    @Test
    void otherInputsAreFoundInTheDataByTheirNames() throws Exception {
        EvaluatorOptions options = options(data).outputName("logits").build();
        assertClose(expected(true), outputs(MODELS.resolve("two_inputs.onnx"), options, candidate()));
    }

    @Test
    void theFirstOfSeveralOutputsIsTakenWithANote() throws Exception {
        Outputs hidden =
                outputs(MODELS.resolve("two_inputs.onnx"), options(data).build(), candidate());
        double[] first = new double[6];
        for (int c = 0; c < 6; c++) {
            first[c] = expected(false)[0][c] - 2.0 * bias[c];
        }
        assertArrayEquals(first, hidden.logits()[0], 1e-4);
        assertTrue(notes.toString().contains("has 2 outputs, of which the first, 'hidden'"), notes::toString);
    }

    @Test
    void aModelForAFixedNumberOfExamplesGetsSoMany() throws Exception {
        Outputs found = outputs(
                MODELS.resolve("batch_of_four.onnx"), options(data).batchSize(7).build(), candidate());
        assertClose(expected(false), found);
        assertTrue(notes.toString().contains("takes 4 examples at a time"), notes::toString);
    }

    @Test
    void modelsAreCandidatesToo() throws Exception {
        Path model = MODELS.resolve("batch_of_four.onnx");
        Checkpoint own = Checkpoint.open(model);
        float[] values = own.floats("fc.weight");
        System.arraycopy(values, 0, weight, 0, values.length);
        System.arraycopy(own.floats("fc.bias"), 0, bias, 0, 6);
        assertClose(expected(false), outputs(model, options(data).build(), own));
        assertEquals(
                List.of(), notes.stream().filter(n -> n.contains("constants")).toList());
    }

    private EvaluationException refused(Path model, EvaluatorOptions options, Map<String, Tensor> tensors) {
        return assertThrows(EvaluationException.class, () -> outputs(model, options, candidate(tensors)));
    }

    @Test
    void whatDoesNotFitIsListed() {
        EvaluationException e = refused(
                NETWORK, options(HELD_OUT).build(), Map.of("conv1.weight", f32("[2]", 1, 2), "other", f32("[1]", 1)));
        assertEquals(Reason.MODULE, e.reason());
        assertTrue(e.getMessage().contains("the ONNX model has no 'other'"), e.getMessage());
        assertTrue(e.getMessage().contains("the candidate has no 'conv2.weight'"), e.getMessage());
        assertTrue(
                e.getMessage().contains("'conv1.weight' is [16, 1, 3, 3] in the ONNX model but [2]"), e.getMessage());
        assertTrue(e.hint().orElseThrow().contains("optimize=False"), e.hint()::toString);
    }

    @Test
    void namesOfInputsAndOutputsThatAreNotThere() throws Exception {
        Map<String, Tensor> tensors = Map.of("fc.weight", f32("[6,64]", weight), "fc.bias", f32("[6]", bias));
        Path two = MODELS.resolve("two_inputs.onnx");
        EvaluationException e = refused(two, options(data).inputName("z").build(), tensors);
        assertTrue(e.getMessage().endsWith("has no input 'z'; it has x, shift"), e.getMessage());
        e = refused(two, options(data).outputName("z").build(), tensors);
        assertTrue(e.getMessage().endsWith("has no output 'z'; it has hidden, logits"), e.getMessage());
        Path plain = folder.resolve("plain.safetensors");
        TestFiles.write(plain, Map.of("inputs", f32("[10,64]", x), "labels", labels(k -> 0)));
        e = refused(two, options(plain).build(), tensors);
        assertEquals(Reason.NO_DATA, e.reason());
        assertTrue(e.getMessage().contains("of which the data has no x, shift"), e.getMessage());
    }

    @Test
    void dataThatTheModelDoesNotTake() throws Exception {
        Map<String, Tensor> tensors = Map.of("fc.weight", f32("[6,64]", weight), "fc.bias", f32("[6]", bias));
        Path four = MODELS.resolve("batch_of_four.onnx");
        EvaluationException e = refused(four, options(HELD_OUT).build(), tensors);
        assertEquals(Reason.FAILED, e.reason());
        assertTrue(e.getMessage().contains("fails on x U8 [4, 1, 28, 28] with"), e.getMessage());
        Path wrong = folder.resolve("wrong.safetensors");
        TestFiles.write(wrong, Map.of("inputs", f32("[10,64]", x), "labels", labels(k -> k)));
        e = refused(four, options(wrong).build(), tensors);
        assertTrue(e.getMessage().contains("the label of example 6 is 6 but the ONNX model returns"), e.getMessage());
        e = refused(four, EvaluatorOptions.defaults(), tensors);
        assertEquals(Reason.NO_DATA, e.reason());
        assertTrue(e.getMessage().contains("an onnx evaluator needs a held-out set"), e.getMessage());
        e = refused(four, options(data).timeout(Duration.ofNanos(1)).build(), tensors);
        assertEquals(Reason.TIMED_OUT, e.reason());
        assertEquals(
                Reason.NOT_FOUND,
                refused(folder.resolve("none.onnx"), options(data).build(), tensors)
                        .reason());
    }

    @Test
    void theIdentityIsWhatScoresDependOn() {
        List<String> identities = new ArrayList<>();
        for (EvaluatorOptions options : List.of(
                options(data).build(),
                options(data).batchSize(1).build(),
                options(data).inputName("x").build(),
                options(data).outputName("logits").build(),
                options(HELD_OUT).build())) {
            try (Evaluator evaluator = Evaluators.onnx(MODELS.resolve("two_inputs.onnx"), options)) {
                identities.add(evaluator.identity());
            }
        }
        assertEquals(identities.get(0), identities.get(1));
        for (int k = 2; k < identities.size(); k++) {
            assertNotEquals(identities.get(0), identities.get(k));
        }
    }
}
