package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.StockpotException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.tensor.DType;
import java.io.File;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Models, data and candidates that do not fit: what is said. */
class TorchScriptErrorsTest {
    private static final String LINEAR = """
            def forward(self, x):
                return torch.matmul(x.to(self.w.dtype), self.w)
            """;

    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();

    private EvaluatorOptions options(Path data) {
        EvaluatorOptions.Builder options =
                EvaluatorOptions.builder().batchSize(2).jobs(1).threads(1).notes(notes::add);
        return (data == null ? options : options.data(data)).build();
    }

    private Path data(TestFiles.Tensor inputs, TestFiles.Tensor labels) throws IOException {
        Map<String, TestFiles.Tensor> tensors = new LinkedHashMap<>();
        if (inputs != null) {
            tensors.put("inputs", inputs);
        }
        if (labels != null) {
            tensors.put("labels", labels);
        }
        return TestFiles.write(folder.resolve("data.safetensors"), tensors);
    }

    private Path threeExamples(long... labels) throws IOException {
        return data(FileCandidate.floats("[3,2]", 1, 0, 0, 1, 1, 1), FileCandidate.longs("[3]", labels));
    }

    private Path model(String code, Map<String, long[]> buffers) {
        return Modules.write(
                folder.resolve("model.pt"), ScalarType.Float, Map.of("w", new long[] {2, 2}), buffers, code);
    }

    private FileCandidate identityMatrix() throws IOException {
        return FileCandidate.of(TestFiles.write(
                folder.resolve("candidate.safetensors"), Map.of("w", FileCandidate.floats("[2,2]", 1, 0, 0, 1))));
    }

    private static String refusal(Executable run) {
        StockpotException thrown = assertThrows(StockpotException.class, run);
        String message = thrown.getMessage();
        assertFalse(message.contains("\n"), message);
        return message + " | " + thrown.hint().orElse("");
    }

    private static void assertSays(String text, String... parts) {
        for (String part : parts) {
            assertTrue(text.contains(part), "'" + part + "' in: " + text);
        }
    }

    private Scores scores(String code, FileCandidate candidate) throws Exception {
        try (var evaluator = TorchScriptEvaluator.open(model(code, Map.of()), options(threeExamples(0, 1, 1)))) {
            return evaluator.evaluate(candidate);
        }
    }

    @Test
    void equalLogitsGoToTheFirstClassAsArgmaxHasIt() throws Exception {
        Scores scores = scores(LINEAR, identityMatrix());
        assertEquals(2.0 / 3, scores.get("accuracy").orElseThrow());
        assertTrue(scores.get("top5_accuracy").isEmpty(), "two classes have no fifth");
        double each = Math.log(1 + Math.exp(-1));
        assertEquals((2 * each + Math.log(2)) / 3, scores.get("loss").orElseThrow(), 1e-7);
    }

    @Test
    void theFirstOfSeveralOutputsIsTheLogits() throws Exception {
        Scores expected = scores(LINEAR, identityMatrix());
        assertEquals(expected, scores(LINEAR.stripTrailing() + ", x\n", identityMatrix()));
    }

    @Test
    void aModelThatIsNoTorchScriptIsSaidToBeNone() throws Exception {
        Path data = threeExamples(0, 1, 1);
        assertSays(
                refusal(() -> TorchScriptEvaluator.open(data, options(data))),
                "data.safetensors cannot be loaded as TorchScript",
                "torch.jit.save");
        assertSays(
                refusal(() -> TorchScriptEvaluator.open(folder.resolve("none.pt"), options(data))),
                "none.pt: does not exist");
    }

    @Test
    void dataThatDoesNotFitIsRefusedAtOnce() throws Exception {
        Path model = model(LINEAR, Map.of());
        assertSays(
                refusal(() -> TorchScriptEvaluator.open(model, options(null))),
                "held-out set",
                "a safetensors file with inputs");
        Path noLabels = data(FileCandidate.floats("[1,2]", 1, 0), null);
        assertSays(refusal(() -> TorchScriptEvaluator.open(model, options(noLabels))), "no 'labels'; it holds inputs");
        Path lengths = data(FileCandidate.floats("[1,2]", 1, 0), FileCandidate.longs("[2]", 0, 1));
        assertSays(refusal(() -> TorchScriptEvaluator.open(model, options(lengths))), "[1, 2]", "[2]");
        Path none = data(FileCandidate.floats("[0,2]"), FileCandidate.longs("[0]"));
        assertSays(refusal(() -> TorchScriptEvaluator.open(model, options(none))), "1 to 2147483647", "holds 0");
        Path floats = data(FileCandidate.floats("[1,2]", 1, 0), FileCandidate.floats("[1]", 1));
        assertSays(refusal(() -> TorchScriptEvaluator.open(model, options(floats))), "labels should be I64", "F32");
        assertSays(
                refusal(() -> TorchScriptEvaluator.open(model, options(folder.resolve("away")))),
                "away",
                "does not exist");
    }

    @Test
    void labelsOutsideTheClassesNameTheExample() throws Exception {
        try (var evaluator = TorchScriptEvaluator.open(model(LINEAR, Map.of()), options(threeExamples(0, 1, 2)))) {
            FileCandidate candidate = identityMatrix();
            assertSays(refusal(() -> evaluator.evaluate(candidate)), "label of example 2 is 2", "2 classes");
        }
    }

    @Test
    void aModuleThatFailsIsQuotedInOneLine() throws Exception {
        FileCandidate candidate = identityMatrix();
        assertSays(
                refusal(() -> scores("def forward(self, x):\n    return torch.matmul(x, x)\n", candidate)),
                "model.pt fails on inputs Float [1, 2] with candidate.safetensors: RuntimeError: mat1",
                "candidate.safetensors");
        assertSays(
                refusal(() -> scores("def forward(self, x):\n    return torch.sum(x)\n", candidate)),
                "float logits [2, classes] but gives Float []");
        assertSays(refusal(() -> scores("def forward(self, x):\n    return 'text'\n", candidate)), "gives String");
    }

    @Test
    void infiniteLogitsGiveNoScore() throws Exception {
        FileCandidate candidate = identityMatrix().nudged("w", 1, Double.POSITIVE_INFINITY);
        assertSays(refusal(() -> scores(LINEAR, candidate)), "logit of Infinity", "example 0", "candidate.safetensors");
    }

    @Test
    void namesThatDoNotMatchAreListedBothWays() throws Exception {
        FileCandidate candidate = identityMatrix();
        for (int n = 0; n < 8; n++) {
            candidate = candidate.with("extra." + n, DType.F32, List.of(1L), new byte[4]);
        }
        FileCandidate more = candidate.without("w");
        assertSays(
                refusal(() -> scores(LINEAR, more)),
                "the module has no 'extra.0', 'extra.1', 'extra.2', 'extra.3', 'extra.4' and 3 more;",
                "the candidate has no 'w'");
    }

    @Test
    void shapesAndKindsThatDifferAreSaid() throws Exception {
        FileCandidate candidate = identityMatrix();
        assertSays(
                refusal(() -> scores(LINEAR, candidate.with("w", DType.F32, List.of(4L, 1L), new byte[16]))),
                "'w' is [2, 2] in the module but [4, 1] in the candidate");
        assertSays(
                refusal(() -> scores(LINEAR, candidate.with("w", DType.I32, List.of(2L, 2L), new byte[16]))),
                "'w' is F32 in the module but I32 in the candidate");
    }

    @Test
    void aPrefixOnTheCheckpointsSideIsTakenOff() throws Exception {
        Scores expected = scores(LINEAR, identityMatrix());
        assertEquals(expected, scores(LINEAR, identityMatrix().renamed(name -> "module.model." + name)));
        assertEquals(
                List.of("the module's names are matched to the checkpoint's without the checkpoint's 'module.model.'"),
                notes);
    }

    @Test
    void aConstantBufferKeepsTheModulesValuesButRunningStatisticsAreMissed() throws Exception {
        FileCandidate candidate = identityMatrix();
        Path constant = model(LINEAR, Map.of("scale", new long[] {2}));
        try (var evaluator = TorchScriptEvaluator.open(constant, options(threeExamples(0, 1, 1)))) {
            evaluator.evaluate(candidate);
        }
        assertEquals(List.of("buffers that the checkpoint lacks keep the module's own values: 'scale'"), notes);
        Path statistics = model(LINEAR, Map.of("running_mean", new long[] {2}));
        try (var evaluator = TorchScriptEvaluator.open(statistics, options(threeExamples(0, 1, 1)))) {
            assertSays(refusal(() -> evaluator.evaluate(candidate)), "the candidate has no 'running_mean'");
        }
    }

    @Test
    void buffersTakeTheCandidatesValues() throws Exception {
        FileCandidate candidate = identityMatrix()
                .with(
                        "scale",
                        DType.F32,
                        List.of(2L),
                        FileCandidate.floats("[2]", 0, 5).values());
        Path model = model(LINEAR.stripTrailing() + " * self.scale\n", Map.of("scale", new long[] {2}));
        try (var evaluator = TorchScriptEvaluator.open(model, options(threeExamples(1, 1, 1)))) {
            assertEquals(2.0 / 3, evaluator.evaluate(candidate).get("accuracy").orElseThrow());
        }
    }

    @Test
    void wholeNumberBuffersTakeTheCandidatesValuesOfAnyWidth() throws Exception {
        Path model = Modules.write(
                folder.resolve("model.pt"),
                ScalarType.Float,
                Map.of("w", new long[] {2, 2}),
                ScalarType.Long,
                Map.of("sign", new long[] {}),
                LINEAR.stripTrailing() + " * self.sign\n");
        FileCandidate same = identityMatrix()
                .with(
                        "sign",
                        DType.I64,
                        List.of(),
                        FileCandidate.longs("[]", -1).values());
        FileCandidate narrow = identityMatrix().with("sign", DType.I8, List.of(), new byte[] {-1});
        try (var evaluator = TorchScriptEvaluator.open(model, options(threeExamples(1, 0, 0)))) {
            assertEquals(1.0, evaluator.evaluate(same).get("accuracy").orElseThrow());
            assertEquals(evaluator.evaluate(same), evaluator.evaluate(narrow));
        }
    }

    @Test
    void aTimeLimitEndsAnEvaluationAndAnInterruptToo() throws Exception {
        EvaluatorOptions hurried = EvaluatorOptions.builder()
                .data(threeExamples(0, 1, 1))
                .batchSize(2)
                .timeout(Duration.ofNanos(1))
                .jobs(1)
                .threads(1)
                .notes(notes::add)
                .build();
        FileCandidate candidate = identityMatrix();
        try (var evaluator = TorchScriptEvaluator.open(model(LINEAR, Map.of()), hurried)) {
            assertSays(refusal(() -> evaluator.evaluate(candidate)), "took longer than the limit");
            Thread.currentThread().interrupt();
            assertThrows(InterruptedException.class, () -> evaluator.evaluate(candidate));
            assertFalse(Thread.interrupted());
        }
    }

    @Test
    void withoutLibtorchTheMessageNamesTheArtifacts() throws Exception {
        List<URL> classPath = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!entry.contains("pytorch")) {
                classPath.add(Path.of(entry).toUri().toURL());
            }
        }
        Path data = threeExamples(0, 1, 1);
        try (URLClassLoader loader =
                new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Class<?> optionsClass = loader.loadClass(EvaluatorOptions.class.getName());
            Object defaults = optionsClass.getMethod("defaults").invoke(null);
            var open =
                    loader.loadClass(TorchScriptEvaluator.class.getName()).getMethod("open", Path.class, optionsClass);
            Throwable thrown = assertThrows(InvocationTargetException.class, () -> open.invoke(null, data, defaults))
                    .getCause();
            assertEquals(EvaluationException.class.getName(), thrown.getClass().getName());
            Object hint = thrown.getClass().getMethod("hint").invoke(thrown);
            assertSays(hint.toString(), "org.bytedeco:pytorch", "org.bytedeco:openblas");
        }
    }

    @Test
    void aTruncatedDataFileIsAnError() throws Exception {
        Path data = threeExamples(0, 1, 1);
        try (var evaluator = TorchScriptEvaluator.open(model(LINEAR, Map.of()), options(data))) {
            Files.write(data, Arrays.copyOf(Files.readAllBytes(data), (int) Files.size(data) - 8));
            FileCandidate candidate = identityMatrix();
            assertSays(refusal(() -> evaluator.evaluate(candidate)), "data.safetensors", "ends within 'labels'");
        }
    }
}
