package dev.stockpot.spark.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.report.ModelCard;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.spark.Models;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
    /** What {@code spark-submit} would set. */
    private static final Map<String, String> SETTINGS = Map.of(
            "spark.master", "local[2]",
            "spark.ui.enabled", "false",
            "spark.driver.host", "127.0.0.1",
            "spark.driver.bindAddress", "127.0.0.1");

    @TempDir
    Path folder;

    @BeforeEach
    void submit() {
        SETTINGS.forEach(System::setProperty);
    }

    @AfterEach
    void end() {
        SETTINGS.keySet().forEach(System::clearProperty);
    }

    @Test
    void uniformWritesTheModelWithItsCard() throws Exception {
        Path a = Models.write(folder.resolve("a"), 1);
        Path b = Models.write(folder.resolve("b"), 2);
        String out = folder.resolve("out").toString();
        String[] command = {"uniform", "-o", out, "--weights", "1,3", "--max-shard-size", "700KB", "" + a, "" + b};
        assertEquals(0, Main.execute(command));
        List<Checkpoint> models = List.of(Checkpoint.open(a), Checkpoint.open(b));
        UniformSoup.of(models)
                .withWeights(1, 3)
                .write(
                        folder.resolve("expected"),
                        Models.SHARDS.toBuilder()
                                .card(new ModelCard("uniform", models).text())
                                .build(),
                        Run.defaults());
        Models.assertSame(Models.in(folder.resolve("expected")), Models.in(Path.of(out)));
        assertEquals(1, Main.execute(command), "it exists");
        assertEquals(2, Main.execute("uniform", "" + a), "there is no output");
    }

    @Test
    void mergeReadsItsRecipe() throws Exception {
        Path a = Models.write(folder.resolve("a"), 1);
        Path recipe = Files.writeString(
                folder.resolve("recipe.yml"),
                "merge_method: slerp\nbase_model: base\nmodels:\n- model: base\n- model: b\nparameters:\n  t: 0\n");
        String out = folder.resolve("out").toString();
        assertEquals(
                0, Main.execute("merge", recipe.toString(), "-o", out, "--model", "base=" + a, "--model", "b=" + a));
        // Nothing of b.
        assertEquals(
                Checkpoint.open(a).floats("layers.2.weight")[5],
                Checkpoint.open(Path.of(out)).floats("layers.2.weight")[5]);
    }
}
