package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.stockpot.TestFiles;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.kernel.cuda.EmulatedCard;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;

/** Runs the command with an emulated card, on which it must leave nothing. */
abstract class CudaCommands extends EmulatedCard {
    static final List<String> MODELS = IntStream.range(0, 8)
            .mapToObj(i -> "examples/ingredients/model_0" + i + ".safetensors")
            .toList();

    @TempDir
    Path folder;

    static List<String> words(String command, Path out, List<String> ingredients, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "-o", out.toString(), "--force"));
        words.addAll(List.of(more));
        words.addAll(ingredients);
        return words;
    }

    /** Runs a command and returns its output's bytes. */
    byte[] soup(String command, List<String> ingredients, String... more) throws IOException {
        Path out = folder.resolve("soup.safetensors");
        Result result = run(words(command, out, ingredients, more));
        assertEquals(0, result.exit(), result.err());
        return Files.readAllBytes(out);
    }

    List<String> randomModels() throws IOException {
        List<String> paths = new ArrayList<>();
        for (int seed = 0; seed < 3; seed++) {
            Path path = folder.resolve("m" + seed + ".safetensors");
            paths.add(TestFiles.write(path, TestFiles.randomModel(new Random(seed)))
                    .toString());
        }
        return paths;
    }
}
