package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.adapter.TestAdapters;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Checkpoints on a file system that only Java reaches, as a store's is; here it is that of an archive. What they hold, and what
 * is made of them, are the same bytes as on the disk.
 */
class StoredFilesTest {
    private static final Path RESOURCES = Path.of("src/test/resources");

    @TempDir
    Path folder;

    private FileSystem store;

    @BeforeEach
    void makeStore() throws IOException {
        store = FileSystems.newFileSystem(folder.resolve("store.zip"), Map.of("create", "true"));
    }

    @AfterEach
    void closeStore() throws IOException {
        store.close();
    }

    /** A copy of a file, or of a folder with everything in it, in the store. */
    private Path stored(Path local) throws IOException {
        Path root = store.getPath("/" + local.getFileName());
        try (Stream<Path> all = Files.walk(local)) {
            for (Path each : all.toList()) {
                Files.copy(
                        each,
                        root.resolve(local.relativize(each).toString()),
                        StandardCopyOption.REPLACE_EXISTING,
                        StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
        return root;
    }

    private static Map<String, ByteBuffer> values(Checkpoint checkpoint) {
        Map<String, ByteBuffer> values = new HashMap<>();
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            ByteBuffer bytes = ByteBuffer.allocateDirect((int) tensor.bytes());
            checkpoint.read(tensor.name(), bytes);
            values.put(tensor.name() + " " + tensor.dtype() + " " + tensor.shape(), bytes.flip());
        }
        return values;
    }

    private void assertSameSoup(List<Checkpoint> here, List<Checkpoint> there) throws Exception {
        for (int k = 0; k < here.size(); k++) {
            assertEquals(here.get(k).format(), there.get(k).format());
            assertEquals(here.get(k).metadata(), there.get(k).metadata());
            assertEquals(values(here.get(k)), values(there.get(k)));
        }
        Path expected = folder.resolve("here.safetensors");
        Path soup = folder.resolve("there.safetensors");
        UniformSoup.of(here).write(expected);
        UniformSoup.of(there).write(soup);
        assertEquals(-1, Files.mismatch(expected, soup));
    }

    @ParameterizedTest
    @CsvSource({
        "torch, model_00.pt, model_02.pt",
        "torch, legacy_format.pt, legacy_format.pt",
        "torch, deflated.pt, deflated.pt",
        "torch, views_and_ties.pt, views_and_ties.pt",
        "torch/objects, fairseq_1.pt, fairseq_2.pt",
        "numpy, trained_1.npz, trained_2.npz",
        "numpy, compressed.npz, compressed.npz",
        "numpy, alone.npy, alone.npy",
        "gguf, floats.gguf, floats_2.gguf",
        "gguf, quantised.gguf, quantised.gguf",
        "gguf, sharded-00001-of-00003.gguf, sharded-00001-of-00003.gguf",
        "onnx, export_a.onnx, export_b.onnx",
        "onnx, external_a.onnx, external_b.onnx",
        "merge/models, m1, m2",
    })
    void everyFormatIsReadFromAStoreAsFromADisk(String from, String first, String second) throws Exception {
        Path local = RESOURCES.resolve(from);
        Path stored = stored(local);
        assertSameSoup(
                List.of(Checkpoint.open(local.resolve(first)), Checkpoint.open(local.resolve(second))),
                List.of(Checkpoint.open(stored.resolve(first)), Checkpoint.open(stored.resolve(second))));
    }

    @Test
    void shardsAndAdaptersAreReadFromAStoreAsFromADisk() throws Exception {
        Random random = new Random(7);
        Path base = Files.createDirectory(folder.resolve("base"));
        TestFiles.write(base.resolve("1.safetensors"), Map.of("a.weight", weight(random)));
        TestFiles.write(base.resolve("2.safetensors"), Map.of("b.weight", weight(random)));
        Files.writeString(
                base.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a.weight\": \"1.safetensors\", \"b.weight\": \"2.safetensors\"}}");
        Path adapter = TestAdapters.write(
                folder.resolve("adapter"),
                "'r': 2, 'lora_alpha': 4",
                TestAdapters.linear("a", 6, 5, 2, DType.F32, random));
        Path storedBase = stored(base);
        Path storedAdapter = stored(adapter);
        assertSameSoup(
                List.of(Checkpoint.open(base), Checkpoint.open(Path.of(base + "+" + adapter))),
                List.of(Checkpoint.open(storedBase), Checkpoint.open(store.getPath(storedBase + "+" + storedAdapter))));
    }

    private static Tensor weight(Random random) {
        return TestAdapters.numbers(DType.F32, random, 6, 5);
    }

    @Test
    void modelsOfSeveralTilesAreReadAheadToTheSameBytes() throws Exception {
        Random random = new Random(8);
        Path first = model("first.safetensors", 3_000_000, random);
        Path second = model("second.safetensors", 3_000_000, random);
        assertSameSoup(
                List.of(Checkpoint.open(first), Checkpoint.open(second)),
                List.of(Checkpoint.open(stored(first)), Checkpoint.open(stored(second))));
    }

    private Path model(String name, int elements, Random random) throws IOException {
        return TestFiles.write(folder.resolve(name), Map.of("w", TestFiles.random(DType.BF16, elements, random)));
    }

    @Test
    void anObjectThatWasReplacedAfterItsHeaderWasReadIsRefused() throws Exception {
        Path first = stored(model("first.safetensors", 1000, new Random(1)));
        Path second = stored(model("second.safetensors", 1000, new Random(2)));
        Soup soup = UniformSoup.of(Checkpoint.open(first), Checkpoint.open(second));
        Files.setLastModifiedTime(second, FileTime.fromMillis(86_400_000));
        Path out = folder.resolve("soup.safetensors");
        CheckpointException e = assertThrows(CheckpointException.class, () -> soup.write(out));
        assertEquals(Reason.CHANGED, e.reason());
        assertEquals(second, e.file().orElseThrow());
        assertTrue(Files.notExists(out));
    }

    @ParameterizedTest
    @CsvSource({"MMAP, cannot map it", "DIRECT, no direct access"})
    void aWayToReadThatAStoreDoesNotHaveIsRefused(IoMode io, String why) throws Exception {
        Checkpoint model = Checkpoint.open(stored(model("first.safetensors", 10, new Random(1))));
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> UniformSoup.of(model)
                        .write(
                                folder.resolve("soup.safetensors"),
                                Run.builder().io(io).build()));
        assertEquals(Reason.UNREADABLE, e.reason());
        assertTrue(e.getMessage().contains(why), e.getMessage());
        assertTrue(e.getMessage().startsWith("/first.safetensors: "), e.getMessage());
    }
}
