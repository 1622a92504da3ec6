package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.diagnose.Comparison;
import dev.stockpot.run.Run;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --recalibrate-batchnorm} on the family with batch normalisation. */
class RecalibrationTest {
    private static final Path FAMILY = Path.of("examples/demo/normalized");

    @TempDir
    Path folder;

    private List<String> words(String recipe, Path out, String... more) {
        List<String> words = new ArrayList<>(List.of(recipe, "-o", out.toString()));
        words.addAll(List.of(more));
        for (int i = 0; i < 3; i++) {
            words.add(FAMILY.resolve("ingredient_0" + i + ".safetensors").toString());
        }
        return words;
    }

    @Test
    void aSoupDiffersInItsRunningStatisticsAlone() throws InterruptedException {
        Path plain = folder.resolve("plain.safetensors");
        Path anew = folder.resolve("anew.safetensors");
        assertEquals(0, run(words("uniform", plain)).exit());
        Result result = run(words(
                "uniform",
                anew,
                "--recalibrate-batchnorm",
                FAMILY.resolve("training.safetensors").toString(),
                "--evaluator",
                "torchscript:" + FAMILY.resolve("network.pt")));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("6 running statistics"), result.err());

        Checkpoint written = Stockpot.open(anew);
        assertEquals("recalibrated", written.metadata().get("soup.batch_norm"));
        Comparison comparison = Stockpot.compare(Stockpot.open(plain), written, Run.defaults());
        List<String> different = comparison.tensors().stream()
                .filter(tensor -> !tensor.equal())
                .map(tensor -> tensor.name().replaceAll(".*\\.", ""))
                .distinct()
                .sorted()
                .collect(Collectors.toList());
        assertEquals(List.of("running_mean", "running_var"), different);
    }

    @Test
    void greedyAndLearnedSoupsTakeItToo() {
        for (String recipe : List.of("greedy", "learned")) {
            Path out = folder.resolve(recipe + ".safetensors");
            Result result = run(words(
                    recipe,
                    out,
                    "--data",
                    FAMILY.resolve("heldout.safetensors").toString(),
                    "--recalibrate-batchnorm",
                    FAMILY.resolve("training.safetensors").toString(),
                    "--evaluator",
                    "torchscript:" + FAMILY.resolve("network.pt")));
            assertEquals(0, result.exit(), result.err());
            assertEquals("recalibrated", Stockpot.open(out).metadata().get("soup.batch_norm"));
        }
    }

    @Test
    void withoutTheNetworkItIsWrongUsage() {
        Result result = run(words(
                "uniform", folder.resolve("soup.safetensors"), "--recalibrate-batchnorm", "training.safetensors"));
        assertEquals(2, result.exit());
        assertTrue(result.err().contains("torchscript:MODEL"), result.err());
    }
}
