package dev.stockpot.recipe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests that recipes make what mergekit made of them: to a few units of F32, as it computes in F32 and sums in other orders. */
class RecipesGoldenTest {
    private static final Path FOLDER = Path.of("src/test/resources/merge");
    private static final double TOLERANCE = 4e-6;

    static List<String> recipes() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER.resolve("recipes"))) {
            return files.map(file -> file.getFileName().toString().replace(".yml", ""))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void makesWhatMergekitMade(String name, @TempDir Path folder) throws IOException, InterruptedException {
        Path file = FOLDER.resolve("recipes").resolve(name + ".yml");
        List<Recipe> recipes = RecipeReader.read(file, false, note -> {}, warning -> {});
        assertEquals(1, recipes.size());
        // Models are named from the folder above the recipes'.
        ModelFinder models = new ModelFinder(Optional.empty(), Optional.of(FOLDER), Map.of(), OpenOptions.defaults());
        MergedModel merged = MergedModel.of(recipes.get(0), models::open, 0);
        WriteOptions.Builder options = WriteOptions.builder();
        merged.layers().ifPresent(options::layers);
        Path out = folder.resolve("merged");
        Checkpoint written = merged.write(out, options.build(), Run.defaults());

        Checkpoint expected = Checkpoint.open(FOLDER.resolve("expected").resolve(name + ".safetensors"));
        assertEquals(expected.tensors().keySet(), written.tensors().keySet());
        for (String tensor : expected.tensors().keySet()) {
            assertEquals(
                    expected.tensors().get(tensor).spec(),
                    written.tensors().get(tensor).spec());
            double[] wanted = expected.doubles(tensor);
            double[] made = written.doubles(tensor);
            double most = 0;
            double off = 0;
            for (int i = 0; i < wanted.length; i++) {
                most = Math.max(most, Math.abs(wanted[i]));
                off = Math.max(off, Math.abs(wanted[i] - made[i]));
            }
            double share = off / Math.max(most, 1e-30);
            assertTrue(share <= TOLERANCE, tensor + " is off by " + share + " of its largest value");
        }
        assertEquals(number(FOLDER.resolve("expected").resolve(name + ".json")), number(out.resolve("config.json")));
    }

    private static String number(Path config) throws IOException {
        Matcher layers = Pattern.compile("\"num_hidden_layers\": *(\\d+)").matcher(Files.readString(config));
        assertTrue(layers.find());
        return layers.group(1);
    }
}
