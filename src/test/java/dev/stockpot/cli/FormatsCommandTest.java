package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.evaluate.command.CommandLineWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every command on archives of NumPy and models of llama.cpp. */
class FormatsCommandTest {
    private static final Path FILES = Path.of("src/test/resources").toAbsolutePath();

    @TempDir
    Path folder;

    private Result command(int exit, String words) {
        String here = words.replace("HERE", folder.toString())
                .replace("NUMPY", FILES.resolve("numpy").toString())
                .replace("GGUF", FILES.resolve("gguf").toString())
                .replace("ONNX", FILES.resolve("onnx").toString());
        List<String> all = CommandLineWords.split(here);
        Result result = run(all);
        assertEquals(exit, result.exit(), result.err());
        return result;
    }

    @ParameterizedTest
    @CsvSource({
        "npz, NUMPY/trained_1.npz NUMPY/trained_2.npz",
        "gguf, GGUF/floats.gguf GGUF/floats_2.gguf",
    })
    void soupsAndMergesOfTheFormat(String ending, String models) throws IOException {
        String first = models.substring(0, models.indexOf(' '));
        String second = models.substring(models.indexOf(' ') + 1);
        command(0, "uniform -o HERE/soup." + ending + " " + models);
        String dirs = " --models-dir " + (ending.equals("npz") ? "NUMPY" : "GGUF");
        command(0, "merge HERE/soup." + ending + " --check HERE/soup." + ending + dirs);
        command(0, "merge HERE/soup." + ending + " -o HERE/again." + ending + dirs);
        assertEquals(-1, Files.mismatch(folder.resolve("soup." + ending), folder.resolve("again." + ending)));
        command(1, "compare HERE/soup." + ending + " " + first);
        command(0, "compare HERE/soup." + ending + " HERE/again." + ending);
        command(
                0,
                "merge --method ties -p weight=0.5 -p density=0.5 --dtype bf16 --base " + first + " " + second
                        + " -o HERE/ties." + ending);
        command(0, "merge HERE/ties." + ending + " --check HERE/ties." + ending + dirs);
        assertTrue(command(0, "inspect HERE/soup." + ending).out().contains("F32"));
        command(0, "convert HERE/soup." + ending + " -o HERE/plain.safetensors");
        command(0, "convert HERE/plain.safetensors -o HERE/back." + ending + " --like " + first);
        command(0, "compare HERE/plain.safetensors HERE/back." + ending);
        String evaluator = " --maximize --evaluator \"cmd:sh -c 'case {checkpoint} in *." + ending
                + ") echo 1;; *) exit 3;; esac'\" ";
        command(0, "greedy -o HERE/greedy." + ending + evaluator + models);
        assertEquals(
                Checkpoint.open(folder.resolve("soup." + ending)).tensors().keySet(),
                Checkpoint.open(folder.resolve("greedy." + ending)).tensors().keySet());
    }

    @Test
    void oneArrayHasNoRoomForItsRecipe() throws IOException {
        Result written = command(0, "uniform -o HERE/mean.npy NUMPY/alone.npy NUMPY/alone.npy --recipe HERE/mean.yml");
        assertTrue(
                written.err().contains("note: " + folder + "/mean.npy has no room for the recipe that makes it again"),
                written.err());
        Result asked = command(1, "merge HERE/mean.npy --check HERE/mean.npy");
        assertTrue(asked.err().contains("mean.npy: has no recipe in its metadata"), asked.err());
        assertTrue(asked.err().contains("--recipe FILE keeps it"), asked.err());
        command(0, "merge HERE/mean.yml --check HERE/mean.npy");
        String models = " NUMPY/trained_1.npz NUMPY/trained_2.npz";
        assertEquals("", command(0, "uniform --quiet -o HERE/mean.npz" + models).err());
    }

    @Test
    void soupsAndMergesOfOnnxModels() throws IOException {
        String models = " ONNX/dynamo_a.onnx ONNX/dynamo_b.onnx";
        command(0, "uniform -o HERE/soup.onnx" + models);
        command(0, "merge HERE/soup.onnx --check HERE/soup.onnx --models-dir ONNX");
        command(0, "merge HERE/soup.onnx -o HERE/again.onnx --models-dir ONNX");
        assertEquals(-1, Files.mismatch(folder.resolve("soup.onnx"), folder.resolve("again.onnx")));
        command(0, "merge --method ties -p weight=0.5 -p density=0.5 --base" + models + " -o HERE/ties.onnx");
        command(0, "merge HERE/ties.onnx --check HERE/ties.onnx --models-dir ONNX");
        command(0, "uniform -o HERE/data.onnx ONNX/external_a.onnx ONNX/external_b.onnx");
        command(0, "merge HERE/data.onnx --check HERE/data.onnx --models-dir ONNX");
        command(0, "convert HERE/data.onnx -o HERE/plain.safetensors");
        command(0, "convert HERE/plain.safetensors -o HERE/back.onnx --like HERE/data.onnx");
        command(0, "compare HERE/plain.safetensors HERE/back.onnx");
    }

    @Test
    void whatIsNotOfTheFormatNeedsAFileThatIs() {
        Result none = command(1, "uniform -o HERE/x.gguf NUMPY/trained_1.npz");
        assertTrue(none.err().contains("is written like another one"), none.err());
        assertTrue(none.err().contains("--like FILE names a file of that format"), none.err());
        Result other = command(1, "uniform -o HERE/x.gguf --like NUMPY/trained_1.npz GGUF/floats.gguf");
        assertTrue(other.err().contains("is not a GGUF file but an archive of NumPy"), other.err());
    }

    @Test
    void aFolderOfShardsIsAModel() throws IOException {
        Path model = Files.createDirectory(folder.resolve("model"));
        for (int k = 1; k <= 3; k++) {
            String name = "sharded-0000" + k + "-of-00003.gguf";
            Files.copy(FILES.resolve("gguf").resolve(name), model.resolve(name));
        }
        command(0, "uniform -o HERE/soup.gguf HERE/model GGUF/sharded-00003-of-00003.gguf");
        command(0, "compare HERE/soup.gguf GGUF/sharded.safetensors");
    }

    @Test
    void quantisedIngredientsAreWarnedOf() {
        Result soup = command(0, "uniform -o HERE/soup.gguf GGUF/quantised.gguf GGUF/quantised.gguf --dtype f16");
        assertTrue(soup.err().contains("is quantised") || soup.err().contains("are quantised"), soup.err());
        assertTrue(soup.err().contains("llama-quantize"), soup.err());
    }
}
