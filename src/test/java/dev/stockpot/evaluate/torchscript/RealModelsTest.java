package dev.stockpot.evaluate.torchscript;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Eight fine-tunes of a small convolutional network on Fashion-MNIST. The expected values were measured by plain
 * PyTorch 1.13 code on the same files; no held-out image is near a tie, so the counts are exact there.
 */
class RealModelsTest {
    static final Path MODEL = Path.of("src/test/resources/evaluate/model.torchscript.pt");
    static final Path HELD_OUT = Path.of("src/test/resources/evaluate/heldout.safetensors");
    private static final Path BLURRED = Path.of("src/test/resources/evaluate/shift_blur.safetensors");
    private static final double[] HELD_OUT_ACCURACY = {
        0.9145299145299145, 0.910507792860734, 0.9155354449472096, 0.9175465057817999,
        0.9120160884866767, 0.9012066365007542, 0.9087481146304676, 0.9120160884866767
    };
    private static final double[] BLURRED_ACCURACY = {0.847, 0.841, 0.863, 0.838, 0.836, 0.814, 0.829, 0.834};
    private static final double UNIFORM_ACCURACY = 0.9157868275515334;
    private static final double FIRST_TWO_ACCURACY = 0.9183006535947712;

    static FileCandidate ingredient(int n) {
        return FileCandidate.of(Path.of("examples/ingredients/model_0" + n + ".safetensors"));
    }

    private static FileCandidate equalAverage(int... ingredients) {
        double[] weights = new double[ingredients.length];
        Arrays.fill(weights, 1.0 / ingredients.length);
        return FileCandidate.average(
                "average",
                weights,
                IntStream.of(ingredients).mapToObj(RealModelsTest::ingredient).toArray(FileCandidate[]::new));
    }

    private static EvaluatorOptions options(Path data, int batchSize, int jobs, List<String> notes) {
        return EvaluatorOptions.builder()
                .data(data)
                .batchSize(batchSize)
                .jobs(jobs)
                .threads(jobs)
                .notes(notes::add)
                .build();
    }

    @Test
    void accuraciesAreWhatPyTorchMeasured() throws InterruptedException {
        List<String> notes = new ArrayList<>();
        try (TorchScriptEvaluator evaluator = TorchScriptEvaluator.open(MODEL, options(HELD_OUT, 256, 1, notes))) {
            assertEquals(3978, evaluator.examples());
            for (int n = 0; n < 8; n++) {
                Scores scores = evaluator.evaluate(ingredient(n));
                assertEquals("accuracy", scores.main());
                assertEquals(HELD_OUT_ACCURACY[n], scores.get("accuracy").orElseThrow(), "model_0" + n);
                assertTrue(scores.get("top5_accuracy").orElseThrow() > 0.99);
            }
            assertEquals(
                    UNIFORM_ACCURACY,
                    evaluator
                            .evaluate(equalAverage(0, 1, 2, 3, 4, 5, 6, 7))
                            .get("accuracy")
                            .orElseThrow());
            assertEquals(
                    FIRST_TWO_ACCURACY,
                    evaluator.evaluate(equalAverage(3, 2)).get("accuracy").orElseThrow());
        }
        assertEquals(
                List.of("the module's names are matched to the checkpoint's without the module's 'net.'"),
                notes,
                "noted once, not for every candidate");
    }

    @Test
    void accuraciesOnShiftedDataAreWithinOneImage() throws InterruptedException {
        try (var evaluator = TorchScriptEvaluator.open(MODEL, options(BLURRED, 100, 1, new ArrayList<>()))) {
            for (int n = 0; n < 8; n++) {
                assertEquals(
                        BLURRED_ACCURACY[n],
                        evaluator.evaluate(ingredient(n)).get("accuracy").orElseThrow(),
                        0.00101);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 999, 100_000})
    void theBatchSizeDoesNotMatter(int batchSize) throws InterruptedException {
        try (var some = TorchScriptEvaluator.open(MODEL, options(BLURRED, batchSize, 1, new ArrayList<>()));
                var usual = TorchScriptEvaluator.open(MODEL, options(BLURRED, 256, 1, new ArrayList<>()))) {
            Scores scores = some.evaluate(ingredient(3));
            Scores expected = usual.evaluate(ingredient(3));
            assertEquals(expected.get("accuracy"), scores.get("accuracy"));
            assertEquals(expected.get("loss").orElseThrow(), scores.get("loss").orElseThrow(), 1e-6);
            assertEquals(usual.identity(), some.identity());
        }
    }

    @Test
    void theFirstLossOfALearnedSoupIsWhatPyTorchMeasured() throws InterruptedException {
        var firstBatch = new GradientEvaluator.Batch(IntStream.range(0, 256).toArray(), 1);
        try (var evaluator = TorchScriptEvaluator.open(MODEL, options(HELD_OUT, 256, 1, new ArrayList<>()));
                var gradient = evaluator.gradient(equalAverage(3, 2, 0, 4, 7, 1, 6, 5), firstBatch)) {
            assertEquals(0.3344694674015045, gradient.loss(), 1e-6);
        }
    }

    @Test
    void theIdentityIsOfTheFilesContents() {
        try (var one = TorchScriptEvaluator.open(MODEL, options(HELD_OUT, 256, 1, new ArrayList<>()));
                var other = TorchScriptEvaluator.open(MODEL, options(BLURRED, 256, 1, new ArrayList<>()))) {
            assertTrue(one.identity().startsWith("torchscript model "));
            assertNotEquals(one.identity(), other.identity());
        }
    }

    @Test
    void scoresStayTheSameBitsHoweverOftenTheModuleHasRun() throws InterruptedException {
        try (var evaluator = TorchScriptEvaluator.open(MODEL, options(BLURRED, 256, 1, new ArrayList<>()))) {
            Scores first = evaluator.evaluate(ingredient(1));
            for (int n = 0; n < 3; n++) {
                evaluator.evaluate(ingredient(2));
                assertEquals(first, evaluator.evaluate(ingredient(1)));
            }
        }
    }

    @Test
    void jobsSideBySideGiveTheSameScores() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (var evaluator = TorchScriptEvaluator.open(MODEL, options(BLURRED, 256, 2, new ArrayList<>()))) {
            List<Callable<Scores>> work = new ArrayList<>();
            List<Scores> alone = new ArrayList<>();
            for (int n = 0; n < 4; n++) {
                FileCandidate ingredient = ingredient(n);
                alone.add(evaluator.evaluate(ingredient));
                work.add(() -> evaluator.evaluate(ingredient));
            }
            List<Future<Scores>> scores = threads.invokeAll(work);
            for (int n = 0; n < 4; n++) {
                assertEquals(alone.get(n), scores.get(n).get());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void aBf16CandidateScoresAsItsWidenedValues() throws InterruptedException {
        FileCandidate narrow = ingredient(0).cutToBf16();
        try (var evaluator = TorchScriptEvaluator.open(MODEL, options(BLURRED, 256, 1, new ArrayList<>()))) {
            Scores scores = evaluator.evaluate(narrow);
            assertEquals(evaluator.evaluate(narrow.widenedFromBf16()), scores);
            assertNotEquals(evaluator.evaluate(ingredient(0)), scores, "truncation changes the loss");
        }
    }

    @Test
    void nativeMemoryDoesNotGrow() throws Exception {
        FileCandidate candidate = ingredient(0);
        int[] examples = IntStream.range(0, 8).toArray();
        var batch = new GradientEvaluator.Batch(examples, 1.0);
        try (var evaluator = TorchScriptEvaluator.open(MODEL, options(BLURRED, 256, 1, new ArrayList<>()))) {
            // The Java heap may take new memory for a while; a leak grows every time.
            List<Long> grown = new ArrayList<>();
            do {
                long before = residentBytes();
                for (int n = 0; n < 200; n++) {
                    evaluator.evaluate(candidate, batch);
                    evaluator.gradient(candidate, batch).close();
                }
                grown.add(residentBytes() - before);
                assertTrue(
                        grown.size() < 20,
                        "grown by " + grown + " bytes in 200 evaluations and gradients of 320 KB each");
            } while (grown.get(grown.size() - 1) > 32 << 20);
        }
    }

    private static long residentBytes() throws IOException {
        String[] pages = Files.readString(Path.of("/proc/self/statm")).split(" ");
        return Long.parseLong(pages[1]) * 4096;
    }
}
