package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Scores;
import java.io.File;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Errors for models, data and candidates that do not fit. */
class TorchScriptErrorsTest extends SmallModules {
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
        Path noLabels = data(TestFiles.Tensor.f32("[1,2]", 1, 0), null);
        assertSays(refusal(() -> TorchScriptEvaluator.open(model, options(noLabels))), "no 'labels'; it holds inputs");
        Path lengths = data(TestFiles.Tensor.f32("[1,2]", 1, 0), FileCandidate.longs("[2]", 0, 1));
        assertSays(refusal(() -> TorchScriptEvaluator.open(model, options(lengths))), "[1, 2]", "[2]");
        Path none = data(TestFiles.Tensor.f32("[0,2]"), FileCandidate.longs("[0]"));
        assertSays(refusal(() -> TorchScriptEvaluator.open(model, options(none))), "1 to 2147483647", "holds 0");
        Path floats = data(TestFiles.Tensor.f32("[1,2]", 1, 0), TestFiles.Tensor.f32("[1]", 1));
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
                "float logits [2, classes] but returns Float []");
        assertSays(refusal(() -> scores("def forward(self, x):\n    return 'text'\n", candidate)), "returns String");
    }

    @Test
    void infiniteLogitsGiveNoScore() throws Exception {
        FileCandidate candidate = identityMatrix().nudged("w", 1, Double.POSITIVE_INFINITY);
        assertSays(refusal(() -> scores(LINEAR, candidate)), "logit of Infinity", "example 0", "candidate.safetensors");
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
            assertSays(
                    refusal(() -> evaluator.evaluate(candidate)),
                    "data.safetensors",
                    "written to after its header was read");
        }
    }
}
