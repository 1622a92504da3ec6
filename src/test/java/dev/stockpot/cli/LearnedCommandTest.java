package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code learned} with a real worker and three real models, on the first few images of the held-out set. */
class LearnedCommandTest {
    private static final int IMAGES = 96;
    private static final int PIXELS = 28 * 28;

    @TempDir
    Path folder;

    private String worker;

    @BeforeEach
    void cutData() throws IOException {
        Checkpoint whole = Stockpot.open(Path.of("src/test/resources/evaluate/heldout.safetensors"));
        Map<String, TestFiles.Tensor> data = new LinkedHashMap<>();
        data.put("labels", new TestFiles.Tensor(DType.I64, "[96]", first(whole, "labels", 8 * IMAGES)));
        data.put("inputs", new TestFiles.Tensor(DType.U8, "[96,1,28,28]", first(whole, "inputs", PIXELS * IMAGES)));
        Path file = TestFiles.write(folder.resolve("data.safetensors"), data);
        worker = "python3 tools/evaluators/numpy_worker.py '" + file + "'";
    }

    private static byte[] first(Checkpoint checkpoint, String name, int bytes) throws IOException {
        TensorInfo tensor = checkpoint.tensors().get(name);
        byte[] values = new byte[bytes];
        try (RandomAccessFile file =
                new RandomAccessFile(tensor.source().file().orElseThrow().toFile(), "r")) {
            file.seek(tensor.offset());
            file.readFully(values);
        }
        return values;
    }

    private List<String> learned(Path out, String evaluator, String... more) {
        List<String> words = new ArrayList<>(List.of("learned", "-o", out.toString(), "--evaluator", evaluator));
        words.addAll(List.of(more));
        for (int model : new int[] {3, 2, 5}) {
            words.add("examples/ingredients/model_0" + model + ".safetensors");
        }
        return words;
    }

    @ParameterizedTest
    @ValueSource(strings = {"model", "layer", "tensor"})
    void printsTheDesignsJson(String granularity) {
        Path out = folder.resolve("a soup.safetensors");
        Result result = run(learned(
                out,
                "worker:" + worker,
                "--json",
                "--epochs",
                "2",
                "--batch-size",
                "40",
                "--granularity",
                granularity));
        assertEquals(0, result.exit(), result.err());
        for (String field : List.of(
                "granularity", "ingredients", "tensors", "alpha", "beta", "losses", "step_losses", "soup", "output")) {
            assertTrue(result.out().contains("\"" + field + "\" : "), result.out());
        }
        assertEquals(granularity.equals("model"), result.out().contains("\"tensors\" : null"));
        assertTrue(result.err().contains("epoch 2 of 2: loss"), result.err());
        assertEquals(granularity, Stockpot.open(out).metadata().get("soup.granularity"));
    }

    @Test
    void aSoupThatGotWorseIsWrittenOnlyOnRequest() {
        Path out = folder.resolve("soup.safetensors");
        String[] wild = {"--epochs", "1", "--batch-size", "40", "--learning-rate", "30", "--no-softmax"};
        Result refused = run(learned(out, "worker:" + worker, wild));
        assertEquals(1, refused.exit());
        assertTrue(refused.err().contains("worse than the one it started from"), refused.err());
        assertFalse(Files.exists(out));
        List<String> kept = learned(out, "worker:" + worker, wild);
        kept.add("--keep-worse");
        Result written = run(kept);
        assertEquals(0, written.exit(), written.err());
        assertTrue(written.err().contains("(from the journal)"), written.err());
        assertTrue(Files.exists(out));
    }

    @Test
    void aCommandIsSearchedByScoreAlone() {
        Path out = folder.resolve("soup.safetensors");
        String command = "cmd:" + worker + " {checkpoint}";
        Result refused = run(learned(out, command));
        assertEquals(1, refused.exit());
        assertTrue(refused.err().contains("--optimizer cma-es"), refused.err());
        Result found = run(
                learned(out, command, "--optimizer", "cma-es", "--evaluations", "6", "--metric", "loss", "--minimize"));
        assertEquals(0, found.exit(), found.err());
        assertTrue(found.err().contains("evaluation 6 of 6"), found.err());
        assertTrue(found.out().contains("learned soup of 3 ingredients"), found.out());
    }

    @Test
    void startsFromAGreedySoup() {
        Path out = folder.resolve("soup.safetensors");
        Result result = run(learned(
                out, "worker:" + worker, "--init", "greedy", "--epochs", "1", "--metric", "loss", "--minimize"));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("trial 3"), result.err());
        assertTrue(Files.exists(folder.resolve("soup.safetensors.greedy.journal.jsonl")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--learning-rate=0",
                "--epochs=0",
                "--early-stop=1.5",
                "--init=no-such-file.json",
                "--early-stop=0.999"
            })
    void whatCannotBeIsSaid(String option) {
        Result result = run(learned(folder.resolve("soup.safetensors"), "worker:" + worker, option));
        // Whether 0.999 leaves anything to learn from depends on the data, and so does a file's name on the disk.
        boolean wrongWhateverTheFiles = !option.startsWith("--init") && !option.endsWith("0.999");
        assertEquals(wrongWhateverTheFiles ? 2 : 1, result.exit(), result.err());
        assertTrue(result.err().contains("error: "), result.err());
        assertFalse(Files.exists(folder.resolve("soup.safetensors")));
    }
}
