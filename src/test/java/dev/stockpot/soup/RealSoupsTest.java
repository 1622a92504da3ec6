package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Compares soups of the eight real models with the results of plain PyTorch 1.13 code that follows the paper
 * (src/test/resources/ingredients/expected.json). No held-out image is near a tie.
 */
class RealSoupsTest {
    private static final String DATA = "src/test/resources/evaluate/";
    private static final String WORKER = "python3 tools/evaluators/numpy_worker.py " + DATA + "heldout.safetensors";
    private static final String TORCHSCRIPT = "torchscript:" + DATA + "model.torchscript.pt";

    @TempDir
    Path folder;

    private static Map<?, ?> expected() throws IOException {
        Path file = Path.of("src/test/resources/ingredients/expected.json");
        try (JsonParser json = new JsonFactory().createParser(file.toFile())) {
            json.nextToken();
            return (Map<?, ?>) JsonValues.read(json);
        }
    }

    private static EvaluatorOptions options(String data, int jobs) {
        return EvaluatorOptions.builder()
                .data(Path.of(DATA + data))
                .batchSize(256)
                .timeout(Duration.ofMinutes(5))
                .jobs(jobs)
                .threads(2)
                .build();
    }

    private static Path model(Object name) {
        return Path.of("examples/ingredients/" + name + ".safetensors");
    }

    private static String name(Checkpoint checkpoint) {
        return checkpoint.path().getFileName().toString().replace(".safetensors", "");
    }

    @ParameterizedTest
    @ValueSource(strings = {TORCHSCRIPT, "worker:" + WORKER, "cmd:" + WORKER + " {checkpoint}"})
    void greedyIsWhatPyTorchGave(String spec) throws Exception {
        List<Path> models =
                IntStream.range(0, 8).mapToObj(i -> model("model_0" + i)).toList();
        GreedySoup soup = Stockpot.greedy(models)
                .withOptions(GreedyOptions.builder().jobs(2).build());
        GreedyResult result;
        try (Evaluator evaluator = Evaluators.open(spec, options("heldout.safetensors", 2))) {
            result = soup.search(evaluator, Run.defaults(), SearchListener.silent());
        }
        checkGreedy(result);
    }

    private static void checkGreedy(GreedyResult result) throws IOException {
        Map<?, ?> expected = expected();
        for (int i = 0; i < 8; i++) {
            Map<?, ?> accuracy =
                    (Map<?, ?>) ((Map<?, ?>) ((List<?>) expected.get("individual")).get(i)).get("accuracy");
            assertEquals(accuracy.get("heldout"), result.individual().get(i).score());
        }
        List<?> trials = (List<?>) expected.get("greedy_trials");
        assertEquals(trials.size(), result.trials().size());
        for (int i = 0; i < trials.size(); i++) {
            Map<?, ?> trial = (Map<?, ?>) trials.get(i);
            assertEquals(trial.get("ingredient"), name(result.trials().get(i).ingredient()));
            assertEquals(trial.get("score"), result.trials().get(i).score());
            assertEquals(trial.get("accepted"), result.trials().get(i).accepted());
        }
        assertEquals(
                expected.get("greedy_chosen"),
                result.chosen().stream().map(RealSoupsTest::name).toList());
        assertEquals(((Map<?, ?>) expected.get("uniform")).get("heldout"), result.uniformScore());
    }

    /** Side by side as one by one, also after the process was killed, which leaves the journal with its first lines. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void speculationIsWhatPyTorchGaveAlsoAfterAKill(int jobs) throws Exception {
        List<Path> models =
                IntStream.range(0, 8).mapToObj(i -> model("model_0" + i)).toList();
        JournalFile journal = JournalFile.at(folder.resolve("journal.jsonl"));
        GreedySoup soup = Stockpot.greedy(models)
                .withOptions(GreedyOptions.builder().jobs(jobs).build())
                .withJournal(journal);
        try (Evaluator evaluator = Evaluators.open(TORCHSCRIPT, options("heldout.safetensors", jobs))) {
            checkGreedy(soup.search(evaluator, Run.defaults(), SearchListener.silent()));
            List<String> lines = Files.readAllLines(journal.path().get());
            // A header, the eight ingredients, seven trials, and the uniform soup.
            assertEquals(1 + 8 + 7 + 1, lines.size());
            for (int left : new int[] {3, 9, 12}) {
                Files.write(journal.path().get(), lines.subList(0, left));
                checkGreedy(soup.search(evaluator, Run.defaults(), SearchListener.silent()));
                assertEquals(
                        lines.size(), Files.readAllLines(journal.path().get()).size());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"learned_global", "learned_by_tensor"})
    void learnedIsWhatPyTorchGave(String which) throws Exception {
        Map<?, ?> expected = (Map<?, ?>) expected().get(which);
        Granularity granularity = expected.get("tensors") instanceof List ? Granularity.TENSOR : Granularity.MODEL;
        List<Checkpoint> models = ((List<?>) expected.get("order"))
                .stream().map(RealSoupsTest::model).map(Stockpot::open).toList();
        LearnedSoup soup = LearnedSoup.of(models)
                .withOptions(LearnedOptions.builder()
                        .granularity(granularity)
                        .shuffle(false)
                        .build());
        LearnedResult result;
        try (Evaluator evaluator = Evaluators.open(TORCHSCRIPT, options("heldout.safetensors", 1))) {
            result = soup.learn((GradientEvaluator) evaluator, Run.defaults(), SearchListener.silent());
        }
        assertArrayEquals(
                numbers(expected.get("first_epoch_losses")),
                numbers(result.epochs().get(0).stepLosses()),
                1e-4);
        if (granularity == Granularity.TENSOR) {
            assertEquals(expected.get("tensors"), result.groups());
        }
        List<?> alpha = (List<?>) expected.get("alpha");
        for (int g = 0; g < alpha.size(); g++) {
            assertArrayEquals(numbers(alpha.get(g)), numbers(result.alpha().get(g)), 1e-3);
        }
        assertEquals((Double) expected.get("beta"), result.beta(), 1e-3);
        Map<?, ?> accuracy = (Map<?, ?>) expected.get("accuracy");
        assertEquals(
                (Double) accuracy.get("heldout"),
                result.scores().get("accuracy").orElseThrow(),
                1e-3);
        assertFalse(result.isWorse());

        Path out = folder.resolve("learned.safetensors");
        Checkpoint written = result.soup().write(out);
        assertEquals("learned", written.metadata().get("soup.recipe"));
        try (Evaluator evaluator = Evaluators.open(TORCHSCRIPT, options("shift_blur.safetensors", 1))) {
            Scores scores = Stockpot.evaluate(List.of(written), evaluator).get(0);
            assertEquals(
                    (Double) accuracy.get("shift_blur"), scores.get("accuracy").orElseThrow(), 0.003);
        }
    }

    private static double[] numbers(Object list) {
        return ((List<?>) list).stream().mapToDouble(value -> (Double) value).toArray();
    }

    /** By score alone, the search does not get as far as with gradients, but it improves on the start. */
    @Test
    void evolutionFindsABetterSoupByScoreAlone() throws Exception {
        List<Checkpoint> models = List.of(3, 2, 0).stream()
                .map(i -> Stockpot.open(model("model_0" + i)))
                .toList();
        try (Evaluator evaluator = Evaluators.open("worker:" + WORKER, options("heldout.safetensors", 1))) {
            LearnedResult result = LearnedSoup.of(models)
                    .search(evaluator, Objective.minimize("loss"), 12, Run.defaults(), SearchListener.silent());
            double start = result.startScores().get("loss").orElseThrow();
            assertTrue(result.scores().get("loss").orElseThrow() < start);
            assertFalse(result.isWorse());
        }
    }
}
