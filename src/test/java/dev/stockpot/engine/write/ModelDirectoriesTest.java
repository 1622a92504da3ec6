package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Notes;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Model directories as their libraries read them: names of weights, configuration, folders of components and modules. */
class ModelDirectoriesTest {
    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();
    private final Run run = Notes.to(notes);

    /** One tensor {@code w} of two values. */
    private static void weights(Path file, float... values) throws Exception {
        Files.createDirectories(file.getParent());
        UniformSoup.of(Checkpoint.inMemory("x")
                        .put("w", List.of((long) values.length), values)
                        .build())
                .write(file);
    }

    private Path text(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private UniformSoup soup(String... models) {
        List<Path> paths = Stream.of(models).map(folder::resolve).toList();
        return UniformSoup.of(Stockpot.openAll(paths, OpenOptions.defaults()));
    }

    /** All but a soup's recipe. */
    private static Set<String> files(Path in) throws IOException {
        try (Stream<Path> all = Files.walk(in)) {
            return all.filter(Files::isRegularFile)
                    .map(file -> in.relativize(file).toString())
                    .filter(file -> !file.equals("stockpot_recipe.yml"))
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static float[] values(Path file) {
        return Checkpoint.open(file).floats("w");
    }

    @ParameterizedTest
    @CsvSource({
        "diffusion_pytorch_model.safetensors, diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model.bin, diffusion_pytorch_model.safetensors",
        "diffusion_pytorch_model.fp16.safetensors, diffusion_pytorch_model.fp16.safetensors",
        "adapter_model.safetensors, adapter_model.safetensors",
        "adapter_model.bin, adapter_model.safetensors",
        "open_clip_model.safetensors, open_clip_model.safetensors",
        "open_clip_pytorch_model.bin, open_clip_model.safetensors",
        "model.fp16.safetensors, model.fp16.safetensors",
        "pytorch_model.bin, model.safetensors",
        "consolidated.safetensors, consolidated.safetensors",
        "my_run.safetensors, model.safetensors"
    })
    void theWeightsKeepTheNameThatTheirLibraryLooksFor(String given, String written) throws Exception {
        weights(folder.resolve("a/" + given), 1, 2);
        weights(folder.resolve("b/" + given), 3, 6);
        soup("a", "b").write(folder.resolve("soup"));
        assertEquals(Set.of(written), files(folder.resolve("soup")));
        assertArrayEquals(new float[] {2, 4}, values(folder.resolve("soup")));
    }

    @ParameterizedTest
    @CsvSource({
        "diffusion_pytorch_model.safetensors, diffusion_pytorch_model-0000%d-of-00002.safetensors, diffusion_pytorch_model.safetensors.index.json",
        "model.fp16.safetensors, model.fp16-0000%d-of-00002.safetensors, model.safetensors.index.fp16.json"
    })
    void shardsAndTheirIndexAreNamedAlike(String given, String shard, String index) throws Exception {
        for (String model : List.of("a", "b")) {
            Files.createDirectories(folder.resolve(model));
            UniformSoup.of(Checkpoint.inMemory("x")
                            .put("w", List.of(2L), 1, 2)
                            .put("v", List.of(2L), 5, 6)
                            .build())
                    .write(folder.resolve(model).resolve(given));
        }
        WriteOptions small = WriteOptions.builder().maxShardBytes(8).build();
        soup("a", "b").write(folder.resolve("soup"), small, run);
        assertEquals(
                Set.of(String.format(Locale.ROOT, shard, 1), String.format(Locale.ROOT, shard, 2), index),
                files(folder.resolve("soup")));
        assertArrayEquals(new float[] {1, 2}, values(folder.resolve("soup")));
        // Shards again, of shards.
        soup("soup").write(folder.resolve("again"), small, run);
        assertEquals(files(folder.resolve("soup")), files(folder.resolve("again")));
    }

    @Test
    void theConfigurationStatesTheTypeThatIsWritten() throws Exception {
        for (String model : List.of("a", "b")) {
            weights(folder.resolve(model + "/model.safetensors"), 1, 2);
            text(
                    model + "/config.json",
                    "{\n  \"inner\": {\"dtype\": \"float64\"},\n \"torch_dtype\" :  \"float32\" , \"é\":\t1e-05}\n");
        }
        soup("a", "b").withDType(DType.BF16).write(folder.resolve("soup"));
        assertEquals(
                "{\n  \"inner\": {\"dtype\": \"float64\"},\n \"torch_dtype\" :  \"bfloat16\" , \"é\":\t1e-05}\n",
                Files.readString(folder.resolve("soup/config.json")));
        soup("a", "b").write(folder.resolve("same"));
        assertEquals(
                Files.readString(folder.resolve("a/config.json")),
                Files.readString(folder.resolve("same/config.json")));
    }

    @Test
    void aConfigurationThatStatesAnotherTypeThanTheWeightsHaveIsCorrected() throws Exception {
        weights(folder.resolve("a/model.safetensors"), 1, 2);
        text("a/config.json", "{\"torch_dtype\": \"bfloat16\"}");
        List<String> notes = new ArrayList<>();
        Run noting = Notes.to(notes);
        soup("a").write(folder.resolve("soup"), WriteOptions.defaults(), noting);
        assertEquals("{\"torch_dtype\": \"float32\"}", Files.readString(folder.resolve("soup/config.json")));
        String note = "config.json says bfloat16, but the weights are F32: the output's says float32";
        assertTrue(notes.contains(note), notes.toString());
    }

    @Test
    void aTypeThatIsAskedForIsStatedEvenIfTheWeightsHadIt() throws Exception {
        weights(folder.resolve("a/model.safetensors"), 1, 2);
        text("a/config.json", "{\"dtype\": \"float16\"}");
        WriteOptions asked = WriteOptions.builder().dtype(DType.F32).build();
        soup("a").withDType(DType.F32).write(folder.resolve("soup"), asked, run);
        assertEquals("{\"dtype\": \"float32\"}", Files.readString(folder.resolve("soup/config.json")));
    }

    @Test
    void aConfigurationThatIsNoJsonIsCopied() throws Exception {
        weights(folder.resolve("a/model.safetensors"), 1, 2);
        text("a/config.json", "{\"torch_dtype\": \"float32\", oops");
        soup("a").withDType(DType.F16).write(folder.resolve("soup"));
        assertEquals("{\"torch_dtype\": \"float32\", oops", Files.readString(folder.resolve("soup/config.json")));
    }

    @Test
    void aNoteSaysWhichConfigurationWasTakenAndWhatDiffers() throws Exception {
        for (String model : List.of("a", "b", "c")) {
            weights(folder.resolve(model + "/model.safetensors"), 1, 2);
            text(model + "/config.json", "{\"_name_or_path\": " + (model.equals("b") ? 5 : 1) + ", \"layers\": 2}");
        }
        soup("a", "b", "c").write(folder.resolve("soup"), run);
        assertEquals(
                List.of("config.json is that of " + folder.resolve("a") + "; in " + folder.resolve("b")
                        + " it differs in _name_or_path"),
                notes);
    }

    @Test
    void whatBelongsToOneTrainingRunStays() throws Exception {
        weights(folder.resolve("a/model.safetensors"), 1, 2);
        for (String name : List.of(
                "trainer_state.json",
                "training_args.bin",
                "optimizer.pt",
                "rng_state_0.pth",
                "scheduler.pt",
                "all_results.json",
                "latest",
                "zero_to_fp32.py",
                "events.out.tfevents.1",
                "model.safetensors.index.fp16.json")) {
            text("a/" + name, "{}");
        }
        text("a/config.json", "{}");
        text("a/scheduler_config.json", "{}");
        text("a/latest_tokens.txt", "");
        soup("a").write(folder.resolve("soup"));
        assertEquals(
                Set.of("model.safetensors", "config.json", "scheduler_config.json", "latest_tokens.txt"),
                files(folder.resolve("soup")));
    }

    @Test
    void aNoteSaysWhichOfSeveralWeightsWereRead() throws Exception {
        weights(folder.resolve("a/model.safetensors"), 1, 2);
        weights(folder.resolve("a/pytorch_model.bin"), 3, 4);
        soup("a").write(folder.resolve("soup.safetensors"), run);
        assertTrue(
                notes.contains(
                        folder.resolve("a") + ": model.safetensors is read, and not pytorch_model.bin beside it"),
                notes.toString());
        assertArrayEquals(new float[] {1, 2}, values(folder.resolve("soup.safetensors")));
    }
}
