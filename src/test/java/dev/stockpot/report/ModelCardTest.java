package dev.stockpot.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The card in a model directory. */
class ModelCardTest {
    @TempDir
    Path folder;

    private Checkpoint model(String name, String config) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        TestFiles.write(
                model.resolve("model.safetensors"), Map.of("w", new TestFiles.Tensor(DType.F32, "[1]", new byte[] {
                    0, 0, (byte) 0x80, 0x3F
                })));
        Files.writeString(model.resolve("config.json"), config);
        Files.writeString(model.resolve("README.md"), "of the ingredient");
        return Stockpot.open(model);
    }

    @Test
    void saysWhatTheHubWantsToKnow() throws IOException {
        Checkpoint a = model(
                "run a",
                "{\"_name_or_path\": \"org/base-model\", \"x\": {\"model_type\": 1}, " + "\"model_type\": \"bert\"}");
        Checkpoint b = model("run_b|*", "{}");
        String card =
                new ModelCard("greedy", List.of(a, b)).with("accuracy", 0.91).text();
        assertTrue(
                card.startsWith("---\nbase_model:\n- \"org/base-model\"\nbase_model_relation: merge\n"
                        + "library_name: transformers\ntags:\n- merge\n- model-soup\n---\n"),
                card);
        assertTrue(card.contains("- run a\n- run\\_b\\|\\*\n"), card);
        assertTrue(card.contains("| accuracy | 0.91000 |"), card);
        assertFalse(card.contains(folder.toString()), "a path");
    }

    @Test
    void ofAMergeNamesTheMethodAndTheBase() throws IOException {
        Checkpoint base = model("base", "{\"_name_or_path\": \"org/base-model\", \"model_type\": \"bert\"}");
        Checkpoint a = model("run a", "{}");
        Checkpoint b = model("run_b", "{}");
        String card = ModelCard.ofMerge("dare_ties", "Drops <some>.", List.of(base, a, b), Optional.of(base))
                .text();
        assertTrue(card.contains("tags:\n- merge\n---\n\n# A dare\\_ties merge of 2 models on a base\n"), card);
        assertTrue(card.contains("with the method `dare_ties`: Drops &lt;some>."), card);
        assertTrue(card.contains("- base (the base)\n- run a\n- run\\_b\n"), card);
        assertFalse(card.contains("soup"), card);
        String one = ModelCard.ofMerge("passthrough", "Copies.", List.of(a), Optional.empty())
                .text();
        assertTrue(one.contains("# A passthrough merge of 1 model\n"), one);
    }

    @Test
    void aPipeInsteadOfAConfigurationIsNotWaitedFor() throws Exception {
        Checkpoint a = model("piped", "{}");
        Path config = a.path().resolve("config.json");
        Files.delete(config);
        assertEquals(0, new ProcessBuilder("mkfifo", config.toString()).start().waitFor());
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> new ModelCard("uniform", List.of(a, a)).text());
    }

    @Test
    void aSoupOfOneIsACopy() throws IOException {
        String card = new ModelCard("greedy", List.of(model("run_7", "{}"))).text();
        assertTrue(card.contains("\n# A copy of run\\_7\n"), card);
        assertTrue(card.contains("These weights are a copy of run\\_7, not an average"), card);
        assertFalse(card.contains("model-soup") || card.contains("merge") || card.contains("arxiv"), card);
        assertFalse(card.contains("average of models") || card.contains("Merged"), card);
    }

    @Test
    void aLocalPathIsNoBaseModelAndNoConfigurationNoLibrary() throws IOException {
        String card = new ModelCard("uniform", List.of(model("a", "{\"_name_or_path\": \"/home/me/x\"}"))).text();
        assertTrue(card.startsWith("---\n---\n"), card);
        assertTrue(
                new ModelCard("uniform", List.of(model("b", "no JSON"))).text().startsWith("---\n---\n"));
    }

    @Test
    void itLiesInTheModelDirectoryInPlaceOfTheIngredientsOwn() throws Exception {
        List<Checkpoint> models = List.of(model("a", "{}"), model("b", "{}"));
        Path out = folder.resolve("soup");
        String card = new ModelCard("uniform", models).text();
        UniformSoup.of(models).write(out, WriteOptions.builder().card(card).build(), Run.defaults());
        assertEquals(card, Files.readString(out.resolve("README.md")));
        assertTrue(Files.exists(out.resolve("config.json")));
    }
}
