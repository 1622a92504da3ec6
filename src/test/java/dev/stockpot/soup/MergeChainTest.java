package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.recipe.Recipe;
import dev.stockpot.recipe.plan.ModelFinder;
import dev.stockpot.recipe.yaml.RecipeReader;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests chains of merges: they make what the same merges make one by one, and leave nothing but the output. */
class MergeChainTest {
    private static final Path MODELS = Path.of("src/test/resources/merge");

    /** Blends two models, makes the result deeper, and adds a third model's changes to that. */
    private static final List<String> DOCUMENTS = List.of("""
            name: blend
            merge_method: slerp
            base_model: models/m1
            models: [{model: models/m1}, {model: models/m2}]
            parameters: {t: [0.2, 0.7]}
            dtype: float32
            """, """
            name: deep
            merge_method: passthrough
            slices:
              - sources: [{model: blend, layer_range: [0, 2]}]
              - sources: [{model: models/m2, layer_range: [0, 1]}]
            """, """
            name: forgotten
            merge_method: linear
            models: [{model: models/m1, parameters: {weight: 1}}]
            """, """
            merge_method: dare_ties
            base_model: deep
            models:
              - model: deep-b
                parameters: {weight: 0.6, density: 0.5}
            dtype: bfloat16
            """.replace("deep-b", "twice"));

    private static final String TWICE = """
            name: twice
            merge_method: linear
            models:
              - {model: deep, parameters: {weight: 1}}
              - {model: deep, parameters: {weight: 0.5}}
            parameters: {normalize: false}
            """;

    @TempDir
    private Path folder;

    private final List<String> notes = new ArrayList<>();

    private List<Recipe> read(String text) throws IOException {
        Path file = Files.writeString(folder.resolve("recipe.yml"), text);
        return RecipeReader.read(file, false, notes::add, notes::add);
    }

    private static List<String> documents() {
        return List.of(DOCUMENTS.get(0), DOCUMENTS.get(1), TWICE, DOCUMENTS.get(2), DOCUMENTS.get(3));
    }

    private MergeChain chain(Map<String, Path> named) throws IOException {
        ModelFinder models = new ModelFinder(Optional.empty(), Optional.of(MODELS), named, OpenOptions.defaults());
        List<Recipe> recipes = read(String.join("---\n", documents())).stream()
                .map(recipe -> recipe.with(recipe.provenance().withSeed(5)))
                .toList();
        return MergeChain.of(recipes, models::open);
    }

    @Test
    void makesWhatTheMergesMakeOneByOne() throws IOException, InterruptedException {
        Map<String, Path> done = new java.util.HashMap<>();
        Path last = null;
        for (String document : documents()) {
            Recipe recipe = read(document).get(0);
            ModelFinder models = new ModelFinder(Optional.empty(), Optional.of(MODELS), done, OpenOptions.defaults());
            MergedModel merged = MergedModel.of(recipe, models::open, 5);
            last = folder.resolve("step" + done.size());
            WriteOptions.Builder options = WriteOptions.builder();
            merged.layers().ifPresent(options::layers);
            merged.write(last, options.build(), Run.defaults());
            if (recipe.name().isPresent()) {
                done.put(recipe.name().get(), last);
            }
        }
        notes.clear();
        Path out = folder.resolve("out");
        List<String> told = new ArrayList<>();
        Run run = Run.builder()
                .listener(new RunListener() {
                    @Override
                    public void note(String message) {
                        told.add(message);
                    }

                    @Override
                    public void warning(String message) {
                        told.add("warning: " + message);
                    }
                })
                .build();
        chain(Map.of()).write(out, WriteOptions.defaults(), run);

        assertTrue(notes.get(0).contains("'forgotten' is used by no other recipe, and not merged"), notes.toString());
        assertTrue(told.contains("merging 'twice' (3 of 4)"), told.toString());
        assertTrue(told.stream().noneMatch(note -> note.startsWith("warning")), told.toString());
        assertEquals(names(last), names(out));
        for (String name : names(last)) {
            // The recipes are others.
            if (!name.equals("stockpot_recipe.yml")) {
                assertArrayEquals(values(last.resolve(name)), values(out.resolve(name)), name);
            }
        }
        assertTrue(Files.readString(out.resolve("config.json")).contains("\"num_hidden_layers\": 3"));
        assertEquals(List.of("out", "recipe.yml", "step0", "step1", "step2", "step3", "step4"), names(folder));
    }

    /** A file's bytes; those of a safetensors file without its header. */
    private static byte[] values(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        if (!file.toString().endsWith(".safetensors")) {
            return all;
        }
        long header = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        return Arrays.copyOfRange(all, Math.toIntExact(8 + header), all.length);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void isPlannedWithoutMakingAnything() throws IOException {
        MergeChain chain = chain(Map.of());
        assertEquals(
                List.of("slerp", "passthrough", "linear", "dare_ties"),
                chain.recipes().stream().map(Recipe::method).toList());
        assertEquals(Optional.of(3), chain.planned().get(1).layers());
        assertEquals(2, chain.ingredients().size());
        assertEquals(List.of("recipe.yml"), names(folder));
    }

    @Test
    void leavesNothingIfItFailsInBetween() throws IOException {
        MergeChain chain = chain(Map.of());
        Run run = Run.builder()
                .listener(new RunListener() {
                    @Override
                    public void note(String message) {
                        if (message.startsWith("merging 'twice'")) {
                            throw new IllegalStateException("enough");
                        }
                    }
                })
                .build();
        Path out = folder.resolve("out");
        assertThrows(IllegalStateException.class, () -> chain.write(out, WriteOptions.defaults(), run));
        assertEquals(List.of("recipe.yml"), names(folder));
    }

    @Test
    void anOutputThatCannotBeIsRefusedBeforeAnythingIsMade() throws IOException {
        MergeChain chain = chain(Map.of());
        Path out = Files.createDirectory(folder.resolve("out"));
        List<String> told = new ArrayList<>();
        Run run = Run.builder()
                .listener(new RunListener() {
                    @Override
                    public void note(String message) {
                        told.add(message);
                    }
                })
                .build();
        CheckpointException failure =
                assertThrows(CheckpointException.class, () -> chain.write(out, WriteOptions.defaults(), run));
        assertEquals(Reason.EXISTS, failure.reason());
        assertFalse(told.stream().anyMatch(note -> note.startsWith("merging")), told.toString());
    }
}
