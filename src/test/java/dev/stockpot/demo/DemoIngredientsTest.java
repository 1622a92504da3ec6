package dev.stockpot.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Outputs;
import dev.stockpot.evaluate.torchscript.TorchScriptEvaluator;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.search.Evaluation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that the ingredients in the repository are those that the training program wrote, and score as it measured. */
class DemoIngredientsTest {
    private static final Path DEMO = Path.of("examples/demo");

    @ParameterizedTest
    @ValueSource(strings = {"images", "normalized", "text"})
    void theFilesAreThoseThatWereTrained(String family) throws Exception {
        List<String> sums = Files.readAllLines(DEMO.resolve(family).resolve("SHA256SUMS"));
        for (String line : sums) {
            byte[] bytes = Files.readAllBytes(DEMO.resolve(family).resolve(line.substring(66)));
            String hash = HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
            assertEquals(line.substring(0, 64), hash, line);
        }
        Family opened = Family.open(DEMO.resolve(family));
        assertTrue(opened.ingredients().size() >= 6);
        assertTrue(sums.size() >= opened.ingredients().size() + 3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"images", "normalized", "text"})
    void someScoreAsTheTrainingProgramMeasured(String name) throws Exception {
        Family family = Family.open(DEMO.resolve(name));
        Map<String, double[]> measured = new TreeMap<>();
        List<String> lines = Files.readAllLines(DEMO.resolve(name).resolve("scores.csv"));
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",");
            measured.put(cells[0], new double[] {Double.parseDouble(cells[1]), Double.parseDouble(cells[2])});
        }
        List<Checkpoint> some = family.ingredients().subList(2, 5);
        List<Outputs> heldOut = outputs(family.network(), family.heldOut(), some);
        List<Outputs> test = outputs(family.network(), family.test(), some);
        for (int i = 0; i < some.size(); i++) {
            String file = some.get(i).path().getFileName().toString();
            double[] expected = measured.get(file.replace(".safetensors", ""));
            // One example may be so close to a tie that another batch size changes its prediction.
            assertEquals(
                    expected[0],
                    heldOut.get(i).accuracy(),
                    1.01 / heldOut.get(i).labels().length,
                    file);
            assertEquals(expected[1], test.get(i).accuracy(), 1.01 / test.get(i).labels().length, file);
        }
    }

    private static List<Outputs> outputs(Path network, Path data, List<Checkpoint> models) throws InterruptedException {
        EvaluatorOptions options = EvaluatorOptions.builder().data(data).build();
        try (TorchScriptEvaluator evaluator = TorchScriptEvaluator.open(network, options)) {
            Engine engine = Engine.on(KernelSelection.best());
            return new Evaluation(1, CandidateOptions.defaults(), engine).outputs(models, evaluator);
        }
    }

    @Test
    void allOfThemAreSmall() throws Exception {
        long bytes = 0;
        try (var files = Files.walk(DEMO)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
        }
        assertTrue(bytes < 15_000_000, bytes + " bytes");
    }

    @Test
    void elsewhereTheErrorSaysWhereToStart(@TempDir Path elsewhere) {
        CheckpointException error =
                assertThrows(CheckpointException.class, () -> Family.open(elsewhere.resolve("examples/demo/images")));
        assertTrue(error.hint().orElseThrow().contains("tools/stockpot"), error.getMessage());
    }
}
