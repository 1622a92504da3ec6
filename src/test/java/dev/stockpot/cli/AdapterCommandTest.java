package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.adapter.TestAdapters;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.evaluate.command.CommandLineWords;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A base with an adapter, wherever the command takes a checkpoint: the same as the folded model that convert writes. */
class AdapterCommandTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void models() throws IOException {
        Random random = new Random(4);
        Files.createDirectories(folder.resolve("models"));
        Files.writeString(
                folder.resolve("score.sh"),
                "sum=$(tail -c 300 \"$1\" | cksum | cut -d' ' -f1)\necho \"{\\\"accuracy\\\": 0.$((sum % 9000 + 1000))}\"\n");
        for (String name : List.of("base", "other")) {
            Map<String, Tensor> weights = new LinkedHashMap<>();
            weights.put("m.weight", TestAdapters.numbers(DType.BF16, random, 40, 30));
            weights.put("n.weight", TestAdapters.numbers(DType.BF16, random, 30));
            TestFiles.write(folder.resolve("models/" + name + ".safetensors"), weights);
        }
        for (String name : List.of("one", "two")) {
            TestAdapters.write(
                    folder.resolve("models/" + name),
                    "'r': 3, 'lora_alpha': 2",
                    TestAdapters.linear("m", 40, 30, 3, DType.F32, random));
            done("convert HERE/base.safetensors --adapter HERE/" + name + " -o HERE/folded-" + name + ".safetensors");
        }
    }

    private Result command(String words) {
        return TestCommands.run(CommandLineWords.split(
                words.replace("HERE", folder.resolve("models").toString()).replace("OUT", folder.toString())));
    }

    private Result done(String words) {
        Result done = command(words);
        assertEquals(0, done.exit(), done.err());
        return done;
    }

    private void assertSame(String first, String second) {
        done("compare OUT/" + first + " OUT/" + second);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uniform -o OUT/RESULT.safetensors ONE TWO HERE/base.safetensors",
                "uniform -o OUT/RESULT.safetensors --weights 1,3 HERE/other.safetensors TWO",
                "merge --method slerp -p t=0.3 -o OUT/RESULT.safetensors ONE TWO",
                "merge --method ties -p density=0.5 -p weight=1 --base HERE/base.safetensors -o OUT/RESULT.safetensors ONE TWO",
                "convert ONE --dtype F32 -o OUT/RESULT.safetensors",
                "greedy --evaluator 'cmd:sh OUT/score.sh {checkpoint}' -o OUT/RESULT.safetensors ONE TWO",
            })
    void isAnIngredient(String command) {
        done(command.replace("ONE", "HERE/base.safetensors+HERE/one")
                .replace("TWO", "HERE/base.safetensors+HERE/two")
                .replace("RESULT", "pairs"));
        done(command.replace("ONE", "HERE/folded-one.safetensors")
                .replace("TWO", "HERE/folded-two.safetensors")
                .replace("RESULT", "files"));
        assertSame("pairs.safetensors", "files.safetensors");
    }

    @Test
    void isInspectedAndDiagnosed() {
        String pair = "HERE/base.safetensors+HERE/one";
        Result inspected = done("inspect --json --checksums " + pair);
        String sums =
                done("inspect --json --checksums HERE/folded-one.safetensors").out();
        assertEquals(
                sums.substring(sums.indexOf("\"tensors\"")),
                inspected.out().substring(inspected.out().indexOf("\"tensors\"")));
        assertTrue(inspected.out().contains("\"folded\""), inspected.out());
        done("diagnose --base HERE/base.safetensors " + pair + " HERE/base.safetensors+HERE/two");
        Result adapter = done("inspect HERE/one");
        assertTrue(adapter.err().contains("LoRA"), adapter.err());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uniform -o OUT/soup.safetensors PAIR HERE/other.safetensors",
                "merge --method linear -p weight=1,2 -o OUT/soup.safetensors PAIR HERE/other.safetensors"
            })
    void isMadeAgainFromItsParts(String command) throws IOException {
        done(command.replace("PAIR", "HERE/base.safetensors+HERE/one").replace(" -o", " --hash --recipe OUT/r.yml -o"));
        done("merge OUT/r.yml -o OUT/again.safetensors");
        assertSame("soup.safetensors", "again.safetensors");
        done("merge OUT/soup.safetensors --models-dir HERE -o OUT/third.safetensors");
        assertSame("soup.safetensors", "third.safetensors");
        // By their hashes, under other names.
        Files.move(folder.resolve("models/one"), folder.resolve("models/three"));
        Files.move(folder.resolve("models/base.safetensors"), folder.resolve("models/b.safetensors"));
        done("merge OUT/soup.safetensors --models-dir HERE -o OUT/fourth.safetensors");
        assertSame("soup.safetensors", "fourth.safetensors");
    }

    @Test
    void isNamedByRecipesAsMergekitDoes() throws IOException {
        Files.writeString(
                folder.resolve("recipe.yml"), "merge_method: passthrough\nmodels: [{model: base.safetensors+one}]\n");
        done("merge OUT/recipe.yml --models-dir HERE -o OUT/a.safetensors");
        Files.writeString(
                folder.resolve("recipe.yml"),
                "merge_method: passthrough\nmodels: [{model: {model: {path: base.safetensors}, lora: {path: one}}}]\n");
        done("merge OUT/recipe.yml --models-dir HERE -o OUT/b.safetensors");
        assertSame("a.safetensors", "b.safetensors");
        assertSame("a.safetensors", "models/folded-one.safetensors");
    }

    @Test
    void greedyTellsWhatALowerRankKeeps() {
        String words =
                "greedy --rank 2 --evaluator \"cmd:sh -c 'echo accuracy: 0.5 # {checkpoint}'\" HERE/one HERE/two";
        Result text = done(words + " -o OUT/mean");
        assertTrue(
                text.out().matches("(?s).*\\d % of the energy kept in 1 module; least in m, rank 2 of 3: .*"),
                text.out());
        Result json = done(words + " --json --fresh -o OUT/again");
        assertTrue(json.out().contains("\"ranks\""), json.out());
        assertFalse(done(words.replace("--rank 2 ", "") + " -o OUT/whole").out().contains("energy"));
    }
}
