package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What merges make of models that differ, and what they tell about it. */
class MergeOutputsTest {
    @TempDir
    Path folder;

    private SmallMerges merges;

    @BeforeEach
    void models() throws IOException {
        merges = SmallMerges.in(folder);
    }

    @Test
    void tensorsThatSomeModelsLackAreListedLeftOutOrKept() throws IOException {
        Tensor one = Tensor.f32("[1]", 1);
        TestFiles.write(folder.resolve("a.safetensors"), Map.of("w", Tensor.f32("[2]", 1, 2), "v", one, "only.a", one));
        TestFiles.write(
                folder.resolve("b.safetensors"),
                Map.of("w", Tensor.f32("[2]", 3, 4), "v", Tensor.f32("[1]", 3), "only.b", one));
        TestFiles.write(folder.resolve("base.safetensors"), Map.of("w", Tensor.f32("[2]", 0, 0), "only.a", one));
        Result failed = merges.merge("--method linear -p weight=1 -o out a b");
        assertEquals(1, failed.exit());
        assertTrue(failed.err().contains("a.safetensors lacks only.b (1 tensor)"), failed.err());
        assertTrue(failed.err().contains("b.safetensors lacks only.a (1 tensor)"), failed.err());
        assertTrue(failed.err().contains("--on-missing skip leaves such tensors out"), failed.err());
        Result skipped = merges.merge("--method linear -p weight=1 --on-missing skip -o out a b");
        assertEquals(0, skipped.exit(), skipped.err());
        assertTrue(skipped.err().contains("left out, as some models lack them: "), skipped.err());
        assertEquals(
                Set.of("w", "v"),
                Checkpoint.open(folder.resolve("out.safetensors")).tensors().keySet());
        assertEquals(
                0,
                merges.merge("--method linear -p weight=1,3 --on-missing keep --force -o out a b")
                        .exit());
        Checkpoint kept = Checkpoint.open(folder.resolve("out.safetensors"));
        assertArrayEquals(new float[] {2.5f, 3.5f}, kept.floats("w"));
        assertArrayEquals(new float[] {1}, kept.floats("only.b"));
        // Of v the base has nothing that a delta could be taken from; only.a is there in the base and in a.
        Result based =
                merges.merge("--method task_arithmetic --base base -p weight=2 --on-missing keep --force -o out a b");
        assertEquals(0, based.exit(), based.err());
        assertTrue(based.err().contains("copied, as too few models have them for the method: "), based.err());
        Checkpoint on = Checkpoint.open(folder.resolve("out.safetensors"));
        assertArrayEquals(new float[] {8, 12}, on.floats("w"));
        assertArrayEquals(new float[] {1}, on.floats("v"));
        assertArrayEquals(new float[] {1}, on.floats("only.a"));
        assertTrue(merges.merge("--method linear -p weight=1 --force -o out a a")
                .err()
                .contains("is given twice"));
    }

    @Test
    void modelsOfTwoKindsAreRefusedWhateverIsSaid() throws IOException {
        Tensor one = Tensor.f32("[1]", 1);
        TestFiles.write(folder.resolve("a.safetensors"), Map.of("w", one, "x", one, "y", one));
        TestFiles.write(folder.resolve("b.safetensors"), Map.of("w", one, "p", one, "q", one));
        Result failed = merges.merge("--method linear -p weight=1 --on-missing keep -o out a b");
        assertEquals(1, failed.exit());
        assertTrue(failed.err().contains("only 1 of 3 are in all models"), failed.err());
    }

    @Test
    void vocabulariesAreCutToTheRowsThatAllHaveIfThatIsAskedFor() throws IOException {
        Path a = Files.createDirectory(folder.resolve("m1"));
        Path b = Files.createDirectory(folder.resolve("m2"));
        Files.writeString(a.resolve("config.json"), "{\"model_type\": \"llama\", \"vocab_size\": 3}");
        Files.writeString(b.resolve("config.json"), "{\"model_type\": \"llama\", \"vocab_size\": 2}");
        TestFiles.write(
                a.resolve("model.safetensors"),
                Map.of(
                        "model.embed_tokens.weight", Tensor.f32("[3, 2]", 1, 2, 3, 4, 5, 6),
                        "w", Tensor.f32("[1]", 1)));
        TestFiles.write(
                b.resolve("model.safetensors"),
                Map.of(
                        "model.embed_tokens.weight", Tensor.f32("[2, 2]", 3, 4, 5, 6),
                        "w", Tensor.f32("[1]", 1)));
        List<String> words = new ArrayList<>(List.of("merge", "--method", "slerp", "-p", "t=1"));
        Path out = folder.resolve("merged");
        words.addAll(List.of("-o", out + "/", a.toString(), b.toString()));
        Result failed = TestCommands.run(words);
        assertEquals(1, failed.exit());
        assertTrue(failed.err().contains("has shape [3, 2] in "), failed.err());
        assertTrue(failed.err().contains("but [2, 2] in "), failed.err());
        assertTrue(failed.err().contains("--truncate-embeddings cuts vocabularies"), failed.err());
        words.add("--truncate-embeddings");
        Result done = TestCommands.run(words);
        assertEquals(0, done.exit(), done.err());
        assertTrue(done.err().contains("cut to the rows that all models have: model.embed_tokens.weight"), done.err());
        assertTrue(Files.readString(out.resolve("README.md")).contains("# A slerp merge of 2 models\n"));
        Checkpoint merged = Checkpoint.open(out);
        assertEquals(
                List.of(2L, 2L),
                merged.tensors().get("model.embed_tokens.weight").shape());
        assertArrayEquals(new float[] {3, 4, 5, 6}, merged.floats("model.embed_tokens.weight"), 1e-6f);
        assertEquals("{\"model_type\": \"llama\", \"vocab_size\": 2}", Files.readString(out.resolve("config.json")));
        TestFiles.write(
                b.resolve("model.safetensors"),
                Map.of(
                        "model.embed_tokens.weight",
                        Tensor.f32("[3, 2]", 3, 4, 5, 6, 7, 8),
                        "w",
                        Tensor.f32("[2]", 1, 2)));
        words.add("--force");
        Result others = TestCommands.run(words);
        assertEquals(1, others.exit(), "only vocabularies are cut");
        assertTrue(others.err().contains("tensor w has shape [1] in "), others.err());
    }

    @Test
    void aNewMergeReplacesTheCardOfTheOldOne() throws IOException {
        Path out = folder.resolve("merged");
        assertEquals(
                0, merges.merge("--method linear -p weight=1 a b -o " + out).exit());
        assertTrue(Files.readString(out.resolve("README.md")).contains("# A linear merge"));
        assertEquals(0, merges.merge("--method median a b --force -o " + out).exit());
        assertTrue(Files.readString(out.resolve("README.md")).contains("# A median merge"));
    }

    /** Deltas are taken from the base, so it has none of its own, however often it is listed. */
    @Test
    void whatIsSaidOfTheBaseAmongTheModelsIsNoted() throws IOException {
        Files.writeString(folder.resolve("recipe.yml"), """
                merge_method: ties
                base_model: base.safetensors
                models:
                  - model: base.safetensors
                  - {model: ./base.safetensors, parameters: {weight: 0.5, density: 0.5}}
                  - {model: a.safetensors, parameters: {weight: 1}}
                """);
        Result done = merges.merge("-o out recipe.yml");
        assertEquals(0, done.exit(), done.err());
        assertTrue(done.err().contains("the parameters of model ./base.safetensors change nothing"), done.err());
        assertFalse(done.err().contains("counts twice"), done.err());
        assertArrayEquals(
                new float[] {4, 1, -2, 0},
                Checkpoint.open(folder.resolve("out.safetensors")).floats("w"));
    }

    /** What only the models show has no line, but the recipe is named. */
    @Test
    void whatDoesNotFitTheModelsNamesTheRecipe() throws IOException {
        Files.writeString(folder.resolve("recipe.yml"), """
                merge_method: linear
                models:
                  - {model: a.safetensors, parameters: {weight: 1}}
                  - {model: b.safetensors, parameters: {weight: -1}}
                """);
        Result failed = merges.merge("-o out recipe.yml");
        assertEquals(1, failed.exit());
        assertTrue(failed.err().contains("recipe.yml: the weights of tensor w add up to 0"), failed.err());
        assertTrue(merges.merge("-o out --method linear -p weight=1,-1 a b")
                .err()
                .startsWith("error: the weights of tensor w"));
    }

    /** A keeps 4 and -2 of its delta, B -3 and 2: at index 0 and 2 the sums are 4 + 1 and -2. */
    @Test
    void jsonTellsWhatWasFoundOutAboutEachTensor() throws IOException {
        Result done = merges.merge("--method ties --base base -p density=0.5 -p weight=1,0.5 --json -o out a b");
        assertEquals(0, done.exit(), done.err());
        Map<?, ?> all = (Map<?, ?>) JsonValues.read(done.out());
        Map<?, ?> tensor = (Map<?, ?>) ((List<?>) all.get("plan")).get(0);
        assertEquals("ties", tensor.get("method"));
        assertEquals(
                "{kept=[0.5, 0.5], sign_agreement=[1.0, 1.0]}",
                tensor.get("facts").toString());
        assertEquals(merges.path("out"), all.get("output"));
        assertEquals(List.of("a.safetensors", "b.safetensors"), all.get("by_model"));
        assertEquals("none", ((Map<?, ?>) tensor.get("parameters")).get("rescale"));
        assertEquals(true, ((Map<?, ?>) tensor.get("parameters")).get("normalize"));
        Result angle = merges.merge("--method slerp -p t=0.5 --force --json -o out a base");
        Map<?, ?> slerp = (Map<?, ?>) JsonValues.read(angle.out());
        assertEquals(
                "{cosine=null, t=0.5, branch=lerp}",
                ((Map<?, ?>) ((List<?>) slerp.get("plan")).get(0)).get("facts").toString());
    }

    @Test
    void aReportShowsWhatWasFoundOut() throws IOException {
        Path report = folder.resolve("report");
        Map<String, Tensor> a = new LinkedHashMap<>();
        Map<String, Tensor> b = new LinkedHashMap<>();
        for (int layer = 0; layer < 3; layer++) {
            a.put("model.layers." + layer + ".q.weight", Tensor.f32("[2]", 1, 0));
            b.put("model.layers." + layer + ".q.weight", Tensor.f32("[2]", 1, layer));
        }
        TestFiles.write(folder.resolve("a.safetensors"), a);
        TestFiles.write(folder.resolve("b.safetensors"), b);
        Result done = TestCommands.run(List.of(
                "merge",
                "--method",
                "slerp",
                "-p",
                "t=0.5",
                "-o",
                merges.path("out"),
                "--report",
                report.toString(),
                merges.path("a"),
                merges.path("b")));
        assertEquals(0, done.exit(), done.err());
        assertTrue(done.err().contains("the report is "), done.err());
        String page = Files.readString(report.resolve("index.html"));
        for (String text : List.of("slerp merge of 2 models", "0.70711", "0.44721", "branch", "lerp: 1, slerp: 2")) {
            assertTrue(page.contains(text), text);
        }
        assertTrue(Files.readString(report.resolve("fact-cosine.svg")).contains("q.weight"), "by layer");
        assertFalse(Files.exists(report.resolve("fact-t.svg")), "t is the same everywhere");
    }
}
