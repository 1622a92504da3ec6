package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.Setting;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SoupFilesTest {
    private static final WriteOptions SHARDS =
            WriteOptions.builder().maxShardBytes(100_000).build();

    @TempDir
    Path folder;

    private Checkpoint model(String name, int seed) throws IOException {
        Random random = new Random(seed);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int n = 0; n < 9; n++) {
            tensors.put("layer." + n, TestFiles.random(n % 2 == 0 ? DType.F32 : DType.BF16, 11_111, random));
        }
        Path model = Files.createDirectory(folder.resolve(name));
        TestFiles.write(model.resolve("model.safetensors"), tensors);
        Files.writeString(model.resolve("config.json"), "{\"torch_dtype\": \"float16\"}");
        Files.writeString(model.resolve("tokenizer.json"), "{}");
        return Checkpoint.open(model);
    }

    private static Map<String, byte[]> in(Path directory) throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(directory)) {
            for (Path file : all.toList()) {
                files.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return files;
    }

    /** Writes the files, the last one first. */
    private Map<String, byte[]> written(SoupFiles files) throws Exception {
        Map<String, byte[]> written = new TreeMap<>();
        for (int k = files.weights().size() - 1; k >= 0; k--) {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            files.write(k, out, Run.defaults());
            assertEquals(files.weights().get(k).bytes(), out.size());
            written.put(files.weights().get(k).name(), out.toByteArray());
        }
        List<String> rest = new ArrayList<>();
        files.writeRest(folder.resolve("nowhere"), Run.defaults(), (name, content) -> {
            rest.add(name);
            written.put(name, content);
        });
        assertEquals("model.safetensors.index.json", rest.get(rest.size() - 1));
        return written;
    }

    private static void assertSame(Map<String, byte[]> expected, Map<String, byte[]> files) {
        assertEquals(expected.keySet(), files.keySet());
        expected.forEach((name, content) -> assertArrayEquals(content, files.get(name), name));
    }

    @Test
    void filesThatAreWrittenOneByOneAreThoseOfTheWholeModel() throws Exception {
        Soup soup = UniformSoup.of(model("a", 1), model("b", 2)).withWeights(1, 2);
        soup.write(folder.resolve("soup"), SHARDS, Run.defaults());
        SoupFiles files = soup.files(SHARDS);
        assertTrue(files.weights().size() > 2, files.weights().toString());
        assertSame(in(folder.resolve("soup")), written(files));
    }

    @Test
    void whatTheirRecipeMakesAgainHasTheSameFiles() throws Exception {
        Map<String, Checkpoint> models = new LinkedHashMap<>(Map.of("a", model("a", 1), "b", model("b", 2)));
        List<Recipe.Source> sources = List.of(Recipe.Source.of("a"), Recipe.Source.of("b"));
        Recipe slerp = Recipe.of("slerp", Optional.of("a"), sources, Map.of("t", new Setting.Constant(0.3)));
        Soup uniform = UniformSoup.of(models.get("a"), models.get("b"));
        for (Soup soup : List.of(uniform, MergedModel.of(slerp, models::get, 3))) {
            SoupFiles files = soup.files(SHARDS);
            Recipe read = RecipeReader.read(Path.of("recipe"), files.recipe().orElseThrow(), false, s -> {}, s -> {})
                    .get(0);
            WriteOptions options =
                    SHARDS.toBuilder().recipe(files.recipe().orElseThrow()).build();
            assertSame(written(files), written(MergedModel.of(read, models::get).files(options)));
        }
    }
}
