package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.evaluate.command.CommandLineWords;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that what the commands write tells how it is made again, to the byte, and that an output is checked against that. */
class RemakingTest {
    private static final int COUNT = 40;

    @TempDir
    private Path folder;

    private Path runs;

    /** Three ingredients, one tensor of which is named as a part of another's name. */
    @BeforeEach
    void ingredients() throws IOException {
        runs = Files.createDirectory(folder.resolve("runs"));
        for (int k = 0; k < 3; k++) {
            Random random = new Random(k);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("weight", Tensor.f32("[40]", random.doubles(COUNT).toArray()));
            tensors.put("head.weight", Tensor.f32("[8,5]", random.doubles(COUNT).toArray()));
            tensors.put("norm", Tensor.bf16("[40]", random.doubles(COUNT).toArray()));
            if (k < 2) {
                tensors.put("two", Tensor.f32("[40]", random.doubles(COUNT).toArray()));
            }
            TestFiles.write(runs.resolve("run" + k + ".safetensors"), tensors);
        }
        // Scores that look random but are the same for the same values.
        Files.writeString(
                folder.resolve("score.sh"),
                "sum=$(tail -c 300 \"$1\" | cksum | cut -d' ' -f1)\necho \"{\\\"accuracy\\\": 0.$((sum % 9000 + 1000))}\"\n");
    }

    private Result command(String words) {
        List<String> all = new ArrayList<>();
        for (String word : CommandLineWords.split(words)) {
            all.add(word.equals("RUNS") ? "" : word.replace("HERE", folder.toString()));
            if (word.equals("RUNS")) {
                all.remove(all.size() - 1);
                for (int k = 0; k < 3; k++) {
                    all.add(runs.resolve("run" + k + ".safetensors").toString());
                }
            }
        }
        return run(all);
    }

    private Result done(String words) {
        Result done = command(words);
        assertEquals(0, done.exit(), done.err());
        return done;
    }

    /** Moves the ingredients to a folder where others have their names, and they those of others. */
    private void rename() throws IOException {
        Path other = Files.createDirectory(folder.resolve("elsewhere"));
        Files.move(runs.resolve("run0.safetensors"), other.resolve("run1.safetensors"));
        Files.move(
                runs.resolve("run1.safetensors"),
                Files.createDirectory(other.resolve("deep")).resolve("x.safetensors"));
        Files.move(runs.resolve("run2.safetensors"), other.resolve("run0.safetensors"));
        Files.writeString(other.resolve("notes.txt"), "none");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "uniform --on-missing keep",
                "uniform --on-missing skip --weights 0.1,0.7,1e-3 --dtype BF16",
                "uniform --exclude two --weights 1,-0.3,0.3 --no-normalize",
                "uniform --exclude ^two --take-first top --rename head=top",
                "merge --method linear -p weight=0.5,1,2 --on-missing keep",
                "greedy --on-missing keep --evaluator 'cmd:sh HERE/score.sh {checkpoint}'",
                "learned --on-missing skip --optimizer cma-es --evaluations 4 --granularity tensor --evaluator"
                        + " 'cmd:sh HERE/score.sh {checkpoint}'",
                "learned --exclude two --optimizer cma-es --evaluations 4 --dtype F64 --evaluator"
                        + " 'cmd:sh HERE/score.sh {checkpoint}'",
            })
    void aSoupIsMadeAgainFromRenamedIngredients(String how) throws IOException {
        done(how + " --hash --recipe HERE/recipe.yml -o HERE/soup.safetensors RUNS");
        rename();
        done("merge HERE/soup.safetensors --models-dir HERE/elsewhere -o HERE/again.safetensors");
        assertEquals(-1, Files.mismatch(folder.resolve("soup.safetensors"), folder.resolve("again.safetensors")));
        done("merge HERE/recipe.yml --models-dir HERE/elsewhere -o HERE/third.safetensors");
        assertEquals(-1, Files.mismatch(folder.resolve("soup.safetensors"), folder.resolve("third.safetensors")));
        Result same = done("merge HERE/recipe.yml --models-dir HERE/elsewhere --check HERE/soup.safetensors");
        assertTrue(same.out().contains("tensors are what the recipe makes"), same.out());
    }

    @Test
    void aPyTorchFileKeepsItsRecipeToo() throws IOException {
        done("uniform --exclude two --hash -o HERE/soup.pt RUNS");
        rename();
        done("merge HERE/soup.pt --models-dir HERE/elsewhere -o HERE/again.pt");
        assertEquals(-1, Files.mismatch(folder.resolve("soup.pt"), folder.resolve("again.pt")));
        assertEquals(
                0,
                command("merge HERE/soup.pt --models-dir HERE/elsewhere --check HERE/soup.pt")
                        .exit());
    }

    @Test
    void modelDirectoriesAreFoundByTheirFiles() throws IOException {
        for (int k = 0; k < 2; k++) {
            done("convert --max-shard-size 200 HERE/runs/run" + k + ".safetensors -o HERE/model" + k);
        }
        done("merge --method slerp -p t=0.3 --hash -o HERE/merged HERE/model0 HERE/model1");
        Path deep = Files.createDirectories(folder.resolve("elsewhere/org"));
        Files.move(folder.resolve("model0"), deep.resolve("model1"));
        Files.move(folder.resolve("model1"), deep.resolve("other"));
        done("merge HERE/merged --models-dir HERE/elsewhere -o HERE/again");
        assertEquals(
                -1,
                Files.mismatch(folder.resolve("merged/model.safetensors"), folder.resolve("again/model.safetensors")));
    }

    @Test
    void aMergeIsMadeAgainWithItsSeed() throws IOException {
        String how = "merge --method dare_ties --base HERE/runs/run0.safetensors -p density=0.5 -p weight=0.3"
                + " HERE/runs/run1.safetensors";
        done(how + " --seed 7 --hash -o HERE/merged.safetensors");
        done(how + " --seed 8 -o HERE/other.safetensors");
        rename();
        done("merge HERE/merged.safetensors --models-dir HERE/elsewhere -o HERE/again.safetensors");
        assertEquals(-1, Files.mismatch(folder.resolve("merged.safetensors"), folder.resolve("again.safetensors")));
        assertFalse(command("merge HERE/merged.safetensors --models-dir HERE/elsewhere --check HERE/other.safetensors")
                        .exit()
                == 0);
    }

    /** Names in which recipes elsewhere have an adapter or a revision may be files' own. */
    @Test
    void filesMayHaveAnyName() throws IOException {
        Files.move(runs.resolve("run0.safetensors"), runs.resolve("a+b.safetensors"));
        Files.move(runs.resolve("run1.safetensors"), runs.resolve("run@2.safetensors"));
        done("merge --method linear -p weight=1 -o HERE/soup HERE/runs/a+b.safetensors HERE/runs/run@2.safetensors");
        done("merge HERE/soup --check HERE/soup --models-dir HERE/runs");
        Files.writeString(
                folder.resolve("recipe.yml"),
                "merge_method: passthrough\nmodels: [{model: 'C:\\models\\run2.safetensors@main'}]\n");
        done("merge HERE/recipe.yml -o HERE/copy --models-dir HERE/runs");
        Files.writeString(
                folder.resolve("recipe.yml"),
                "merge_method: passthrough\nmodels: [{model: 'run2.safetensors+lora'}]\n");
        Result failed = command("merge HERE/recipe.yml -o HERE/folded --models-dir HERE/runs");
        assertTrue(failed.err().contains("model lora is nowhere: looked at"), failed.err());
    }

    @Test
    void aRecipeBesideItsModelsNeedsNoHashes() throws IOException {
        done("uniform --exclude two --recipe HERE/recipe.yml -o HERE/soup RUNS");
        String text = Files.readString(folder.resolve("soup/stockpot_recipe.yml"));
        assertTrue(text.startsWith("merge_method: linear\nmodels:\n  - model: \"run0.safetensors\"\n"), text);
        assertFalse(text.contains(folder.toString()), text);
        // The file of its own tells the places.
        done("merge HERE/recipe.yml -o HERE/again/");
        done("merge HERE/soup --models-dir HERE/runs -o HERE/third");
        try (Stream<Path> files = Files.list(folder.resolve("soup"))) {
            for (Path file : files.toList()) {
                for (String other : List.of("again", "third")) {
                    Path made = folder.resolve(other).resolve(file.getFileName());
                    if (!file.toString().endsWith("README.md")) {
                        assertEquals(-1, Files.mismatch(file, made), made.toString());
                    }
                }
            }
        }
    }

    @Test
    void aReplacedModelKeepsNoRecipeOfAnother() throws IOException {
        done("uniform --exclude two -o HERE/soup RUNS");
        Files.writeString(folder.resolve("soup/notes.txt"), "mine");
        Path recipe = folder.resolve("soup/stockpot_recipe.yml");
        String before = Files.readString(recipe);
        done("uniform --force --exclude two --weights 1,2,3 -o HERE/soup RUNS");
        assertFalse(Files.readString(recipe).equals(before));
        done("convert --force HERE/runs/run0.safetensors -o HERE/soup");
        assertFalse(Files.exists(recipe));
        assertEquals("mine", Files.readString(folder.resolve("soup/notes.txt")));
    }

    @Test
    void oneFlippedBitIsFound() throws IOException {
        done("uniform --exclude two --recipe HERE/recipe.yml -o HERE/soup.safetensors RUNS");
        Path soup = folder.resolve("soup.safetensors");
        TensorInfo head = Checkpoint.open(soup).tensor("head.weight");
        float value = Checkpoint.open(soup).floats("head.weight")[13];
        byte[] bytes = Files.readAllBytes(soup);
        int at = Math.toIntExact(head.offset()) + 4 * 13;
        bytes[at] ^= 1;
        Files.write(soup, bytes);
        float flipped = Checkpoint.open(soup).floats("head.weight")[13];
        Result found = command("merge HERE/recipe.yml --check HERE/soup.safetensors");
        assertEquals(1, found.exit(), found.err());
        assertEquals(
                soup
                        + ": differs from what the recipe makes, first in tensor head.weight, element 13: the recipe makes "
                        + (double) value + ", the file has " + (double) flipped + "\n",
                found.out());
        Result json = command("merge HERE/recipe.yml --json --check HERE/soup.safetensors");
        assertEquals(1, json.exit(), json.err());
        assertTrue(json.out().contains("\"element\" : 13"), json.out());
        assertArrayEquals(bytes, Files.readAllBytes(soup));
        assertFalse(Files.exists(folder.resolve("soup.safetensors.journal.jsonl")));
    }

    @Test
    void otherModelsThanTheRecipesAreNotTaken() throws IOException {
        done("uniform --exclude two --hash --recipe HERE/recipe.yml -o HERE/soup.safetensors RUNS");
        byte[] bytes = Files.readAllBytes(runs.resolve("run1.safetensors"));
        bytes[bytes.length - 161] ^= 1;
        Files.write(runs.resolve("run1.safetensors"), bytes);
        Result refused = command("merge HERE/recipe.yml --check HERE/soup.safetensors");
        assertEquals(1, refused.exit());
        assertTrue(
                refused.err().contains("model run1.safetensors is nowhere with the SHA-256 that the recipe says"),
                refused.err());
        Result taken = command("merge HERE/recipe.yml --no-hash --check HERE/soup.safetensors");
        assertEquals(1, taken.exit());
        assertTrue(taken.out().contains("differs from what the recipe makes"), taken.out() + taken.err());
    }

    @Test
    void theRecipesFileIsCheckedBeforeTheRun() throws IOException {
        Files.writeString(folder.resolve("recipe.yml"), "mine");
        Result exists = command("uniform --exclude two --recipe HERE/recipe.yml -o HERE/soup.safetensors RUNS");
        assertEquals(1, exists.exit());
        assertTrue(exists.err().contains("recipe.yml: exists already"), exists.err());
        Result input = command(
                "uniform --force --exclude two --recipe HERE/runs/run1.safetensors -o HERE/soup.safetensors RUNS");
        assertEquals(1, input.exit());
        assertTrue(input.err().contains("which the run reads or writes"), input.err());
        assertFalse(Files.exists(folder.resolve("soup.safetensors")));
        done("uniform --force --exclude two --recipe HERE/recipe.yml -o HERE/soup.safetensors RUNS");
        assertTrue(Files.readString(folder.resolve("recipe.yml")).startsWith("merge_method: linear"));
    }
}
