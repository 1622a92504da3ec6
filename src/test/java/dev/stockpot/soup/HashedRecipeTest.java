package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.StockpotException;
import dev.stockpot.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests that recipes tell the hashes of the files that outputs are made of, found while those are made. */
class HashedRecipeTest {
    @TempDir
    private Path folder;

    private UniformSoup soup;

    @BeforeEach
    void ingredients() throws IOException {
        model("a", 1, 2);
        model("b", 3, 4);
        soup = Stockpot.uniform(file("a"), file("b"));
    }

    private void model(String name, double... values) throws IOException {
        TestFiles.write(file(name), Map.of("one", Tensor.f32("[2]", values), "two", Tensor.f32("[2]", values)));
    }

    private Path file(String name) {
        return folder.resolve(name + ".safetensors");
    }

    private HashedRecipe hashed() {
        Map<String, Checkpoint> models = new LinkedHashMap<>();
        models.put("a.safetensors", soup.ingredients().get(0));
        models.put("b.safetensors", soup.ingredients().get(1));
        return HashedRecipe.of(List.of(soup.asRecipe().orElseThrow()), models);
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }

    private static boolean isHashing() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().equals("stockpot-hash") && thread.isAlive());
    }

    /** Of a file in either format, and of a directory with a header in each shard. */
    @ParameterizedTest
    @ValueSource(strings = {"soup.safetensors", "soup.pt", "soup"})
    void theOutputTellsThem(String name) throws Exception {
        Path out = folder.resolve(name);
        HashedRecipe hashed = hashed();
        WriteOptions options =
                WriteOptions.builder().maxShardBytes(8).recipe(hashed).build();
        Checkpoint written = soup.write(out, options, Run.defaults());
        String text = hashed.text();
        assertEquals(hashed.draft().length(), text.length());
        for (String model : List.of("a", "b")) {
            assertTrue(text.contains("sha256: \"" + sha256(file(model)) + "\""), text);
        }
        assertEquals(text, written.metadata().get(Soup.RECIPE));
        Checkpoint opened = Checkpoint.open(out);
        assertEquals(text, opened.metadata().get(Soup.RECIPE));
        assertEquals(2, opened.floats("one")[0]);
        if (Files.isDirectory(out)) {
            assertEquals(text, Files.readString(out.resolve("stockpot_recipe.yml")));
            try (Stream<Path> shards =
                    Files.list(out).filter(file -> file.toString().endsWith(".safetensors"))) {
                List<Path> all = shards.toList();
                assertEquals(2, all.size());
                for (Path shard : all) {
                    assertEquals(text, Checkpoint.open(shard).metadata().get(Soup.RECIPE), shard.toString());
                }
            }
        }
        assertFalse(isHashing());
    }

    @Test
    void aRunThatFailsLeavesNoThread() throws IOException {
        model("b", Double.NaN, 4);
        soup = Stockpot.uniform(file("a"), file("b"));
        WriteOptions options = WriteOptions.builder().recipe(hashed()).build();
        assertThrows(
                StockpotException.class, () -> soup.write(folder.resolve("soup.safetensors"), options, Run.defaults()));
        assertFalse(isHashing());
        assertFalse(Files.exists(folder.resolve("soup.safetensors")));
    }

    @Test
    void aFileThatHasChangedIsNotHashed() throws IOException {
        HashedRecipe hashed = hashed();
        Files.setLastModifiedTime(file("b"), FileTime.fromMillis(1_000_000));
        CheckpointException failure = assertThrows(CheckpointException.class, hashed::recipes);
        assertEquals(Reason.CHANGED, failure.reason());
        assertEquals(file("b"), failure.file().orElseThrow());
        hashed.close();
    }
}
