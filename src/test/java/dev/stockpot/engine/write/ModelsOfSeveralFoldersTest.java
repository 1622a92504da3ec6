package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.GradientEvaluator;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pipelines and the modules of sentence-transformers: one checkpoint of several folders. */
class ModelsOfSeveralFoldersTest {
    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();
    private final Run run = Run.builder()
            .listener(new RunListener() {
                @Override
                public void note(String message) {
                    notes.add(message);
                }
            })
            .build();

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

    private void pipeline(String name, float unet, float vae) throws Exception {
        weights(folder.resolve(name + "/unet/diffusion_pytorch_model.safetensors"), unet, 2);
        weights(folder.resolve(name + "/vae/diffusion_pytorch_model.bin"), vae, 4);
        text(name + "/unet/config.json", "{\"dtype\": \"float32\"}");
        text(name + "/scheduler/scheduler_config.json", "{\"steps\": 7}");
        text(name + "/logs/config.json", "{}");
        text(
                name + "/model_index.json",
                "{\"_class_name\": \"P\", \"unet\": [\"d\", \"U\"], \"vae\": [\"d\", \"V\"],"
                        + " \"scheduler\": [\"d\", \"S\"], \"safety_checker\": [null, null], \"../out\": [\"x\", \"y\"]}");
    }

    @Test
    void aPipelineIsSoupedAsAWhole() throws Exception {
        pipeline("a", 1, 10);
        pipeline("b", 3, 30);
        Checkpoint soup = soup("a", "b").withDType(DType.F16).write(folder.resolve("soup"));
        assertEquals(
                Set.of(
                        "model_index.json",
                        "scheduler/scheduler_config.json",
                        "unet/config.json",
                        "unet/diffusion_pytorch_model.safetensors",
                        "vae/diffusion_pytorch_model.safetensors"),
                files(folder.resolve("soup")));
        assertEquals("{\"dtype\": \"float16\"}", Files.readString(folder.resolve("soup/unet/config.json")));
        assertArrayEquals(new float[] {2, 2}, values(folder.resolve("soup/unet")));
        assertArrayEquals(new float[] {20, 4}, values(folder.resolve("soup/vae")));
        assertEquals(Set.of("unet/w", "vae/w"), soup.tensors().keySet());
        assertArrayEquals(new float[] {2, 2}, soup.floats("unet/w"));
        assertEquals(soup.tensors(), Checkpoint.open(folder.resolve("soup")).tensors());
    }

    @Test
    void aReplacedPipelineKeepsTheUsersFilesAndNoOldWeights() throws Exception {
        pipeline("a", 1, 10);
        pipeline("b", 3, 30);
        Path out = folder.resolve("soup");
        soup("a").write(out);
        Files.writeString(out.resolve("unet/notes.txt"), "mine");
        Files.writeString(out.resolve("vae/diffusion_pytorch_model-00001-of-00002.safetensors"), "an old shard");
        soup("b").write(out, run.toBuilder().overwrite(true).build());
        assertEquals("mine", Files.readString(out.resolve("unet/notes.txt")));
        assertFalse(Files.exists(out.resolve("vae/diffusion_pytorch_model-00001-of-00002.safetensors")));
        assertArrayEquals(new float[] {3, 2}, values(out.resolve("unet")));
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(3, left.count(), "a, b and the soup");
        }
        Files.createDirectories(out.resolve("unet/thesis"));
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> soup("b").write(out, run.toBuilder().overwrite(true).build()));
        assertEquals(Reason.NOT_REPLACED, e.reason());
    }

    @Test
    void aFolderBehindALinkIsNotReplaced() throws Exception {
        pipeline("a", 1, 10);
        Path out = folder.resolve("soup");
        soup("a").write(out);
        Path elsewhere = folder.resolve("elsewhere");
        Files.move(out.resolve("unet"), elsewhere);
        Files.createSymbolicLink(out.resolve("unet"), elsewhere);
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> soup("a").write(out, run.toBuilder().overwrite(true).build()));
        assertEquals(Reason.NOT_REPLACED, e.reason());
        assertArrayEquals(new float[] {1, 2}, values(elsewhere));
    }

    @Test
    void aPipelineIsNotOneFile() throws Exception {
        pipeline("a", 1, 10);
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> soup("a").write(folder.resolve("soup.safetensors")));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertEquals(List.of("unet", "vae"), e.choices());
        assertFalse(Files.exists(folder.resolve("soup.safetensors")));
    }

    private void sentences(String name, float root, float dense) throws Exception {
        weights(folder.resolve(name + "/model.safetensors"), root, 2);
        weights(folder.resolve(name + "/2_Dense/model.safetensors"), dense, 4);
        text(name + "/1_Pooling/config.json", "{}");
        text(name + "/runs/config.json", "{}");
        text(
                name + "/modules.json",
                "[{\"path\": \"\"}, {\"path\": \"1_Pooling\"}, {\"path\": \"2_Dense\"}, {\"path\": \"../" + name
                        + "/runs\"}]");
    }

    @Test
    void theModulesOfASentenceTransformerAreAveragedOrCopied() throws Exception {
        sentences("a", 1, 10);
        sentences("b", 3, 30);
        soup("a", "b").write(folder.resolve("soup"));
        assertEquals(
                Set.of("model.safetensors", "modules.json", "1_Pooling/config.json", "2_Dense/model.safetensors"),
                files(folder.resolve("soup")));
        assertArrayEquals(new float[] {20, 4}, values(folder.resolve("soup/2_Dense")));
        assertArrayEquals(new float[] {2, 2}, values(folder.resolve("soup/model.safetensors")));
    }

    @Test
    void oneFileHoldsTheTransformerAlone() throws Exception {
        sentences("a", 1, 10);
        Checkpoint soup = soup("a").write(folder.resolve("soup.safetensors"), run);
        assertEquals(Set.of("w"), soup.tensors().keySet());
        assertArrayEquals(new float[] {1, 2}, values(folder.resolve("soup.safetensors")));
        assertTrue(notes.toString().contains("2_Dense/w"), notes.toString());
    }

    @Test
    void gradientsForSeveralModelsAreRefusedBeforeAnyIsAskedFor() throws Exception {
        pipeline("a", 1, 10);
        GradientEvaluator none = (GradientEvaluator) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {GradientEvaluator.class}, (proxy, method, arguments) -> {
                    throw new AssertionError(method.getName());
                });
        SoupException e = assertThrows(
                SoupException.class,
                () -> Stockpot.learned(List.of(folder.resolve("a"), folder.resolve("a")))
                        .learn(none));
        assertEquals(Reason.UNSUPPORTED, e.reason());
        assertTrue(
                e.hint().orElse("").contains(folder.resolve("a/unet").toString()),
                e.hint().toString());
    }

    @Test
    void aGreedySoupOfPipelinesHandsEachCandidateOverAsOne() throws Exception {
        pipeline("a", 1, 10);
        pipeline("b", 3, 30);
        Evaluator scoring = Evaluators.of("the vae's first weight", candidate -> {
            try (HandedOver files = candidate.handOver(Candidate.Form.AS_INGREDIENTS)) {
                assertTrue(Files.isRegularFile(files.path().resolve("scheduler/scheduler_config.json")));
                return Scores.of("accuracy", values(files.path().resolve("vae"))[0]);
            }
        });
        Stockpot.greedy(List.of(folder.resolve("a"), folder.resolve("b")))
                .search(scoring)
                .soup()
                .write(folder.resolve("soup"));
        assertArrayEquals(new float[] {30, 4}, values(folder.resolve("soup/vae")));
    }
}
