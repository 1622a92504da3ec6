package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.TestCheckpoints;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.engine.AlikeTensors;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.SoupException;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.memory.PlainRead;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Isa;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class UniformSoupTest {
    private static final Path INGREDIENTS = Path.of("examples/ingredients");

    @TempDir
    Path folder;

    @Test
    void equalsTheAverageThatPyTorchGave() throws Exception {
        List<Path> models = new ArrayList<>();
        for (int k = 0; k < 8; k++) {
            models.add(INGREDIENTS.resolve("model_0" + k + ".safetensors"));
        }
        Checkpoint soup = write(Stockpot.uniform(models), "soup.safetensors", Engine.on(KernelSelection.best()));
        Checkpoint expected = Stockpot.open(Path.of("src/test/resources/ingredients/expected_uniform.safetensors"));
        assertEquals(expected.tensors().keySet(), soup.tensors().keySet());
        for (TensorInfo tensor : expected.tensors().values()) {
            TensorInfo made = soup.tensors().get(tensor.name());
            assertEquals(TensorDigest.sha256(tensor), TensorDigest.sha256(made), tensor.name());
        }
    }

    @Test
    void mixesIntoMemoryWhatItWrites() throws Exception {
        List<Path> models =
                List.of(INGREDIENTS.resolve("model_00.safetensors"), INGREDIENTS.resolve("model_02.safetensors"));
        Checkpoint written = write(Stockpot.uniform(models), "soup.safetensors", Engine.on(KernelSelection.best()));
        List<TensorInfo> tensors =
                List.copyOf(Stockpot.open(models.get(0)).tensors().values());
        Map<String, ByteBuffer> buffers = new LinkedHashMap<>();
        tensors.forEach(t -> buffers.put(t.name(), ByteBuffer.allocateDirect((int) t.bytes())));
        Map<String, TensorMemory> memory = new LinkedHashMap<>();
        buffers.forEach((name, buffer) -> memory.put(name, TensorMemory.of(buffer)));
        Stockpot.uniform(models).mixInto(memory, Run.defaults());
        byte[] file = bytes(written);
        for (TensorInfo tensor : written.tensors().values()) {
            ByteBuffer expected = ByteBuffer.wrap(file, (int) tensor.offset(), (int) tensor.bytes());
            assertEquals(expected, buffers.get(tensor.name()), tensor.name());
        }
    }

    @Test
    void givesTheSameBytesForEveryKernelThreadCountTileSizeAndWayToRead() throws Exception {
        UniformSoup soup = Stockpot.uniform(models(5)).withWeights(1, 0.5, -0.25, 3, 1e-3);
        Engine oracle = Engine.on(new JavaKernels(), 1, IoMode.READ, 1 << 20);
        byte[] expected = bytes(write(soup, "java.safetensors", oracle));
        for (Isa isa : List.of(Isa.JAVA, Isa.SCALAR, Isa.AUTO)) {
            for (int threads : new int[] {1, 2, 3, 8}) {
                for (int tile : new int[] {64, 1000, 4096, 1 << 20}) {
                    for (IoMode io : TestFiles.waysToRead(folder)) {
                        Engine settings = Engine.on(KernelSelection.select(isa), threads, io, tile);
                        String what = isa + " threads " + threads + " tile " + tile + " io " + io;
                        assertArrayEquals(expected, bytes(write(soup, "other.safetensors", settings)), what);
                    }
                }
            }
        }
    }

    @Test
    void givesTheSameBytesPastThePageCache() throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        Random random = new Random(6);
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
            model.put("a", TestFiles.random(k == 2 ? DType.F32 : DType.BF16, 3_000_001, random));
            model.put("b", TestFiles.random(DType.BOOL, 100_003, random));
            model.put("c", TestFiles.random(DType.BF16, 2_000_017, random));
            files.add(TestFiles.write(folder.resolve("model " + k + ".safetensors"), model));
        }
        for (String name : List.of("soup.safetensors", "soup.pt")) {
            byte[] expected =
                    bytes(write(Stockpot.uniform(files), "cached " + name, Engine.on(KernelSelection.best())));
            for (int tile : new int[] {100_000, 1 << 20, 2 << 20, 16 << 20}) {
                for (int threads : new int[] {1, 5}) {
                    Engine settings = Engine.on(KernelSelection.best(), threads, IoMode.DIRECT, tile);
                    String what = name + " threads " + threads + " tile " + tile;
                    assertArrayEquals(expected, bytes(write(Stockpot.uniform(files), name, settings)), what);
                }
            }
        }
    }

    @Test
    void leavesNeitherIngredientsNorOutputInThePageCacheWhereItPassesBy() throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        assumeTrue(NativeLibrary.isAvailable(), "needs the native library to forget files");
        Random random = new Random(8);
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            Map<String, TestFiles.Tensor> model = Map.of("a", TestFiles.random(DType.BF16, 4_000_000, random));
            files.add(TestFiles.write(folder.resolve("model " + k + ".safetensors"), model));
            PlainRead.forget(files.get(k));
        }
        Engine settings = Engine.on(KernelSelection.best(), 2, IoMode.DIRECT, Engine.DEFAULT_TILE_BYTES);
        write(Stockpot.uniform(files), "past.safetensors", settings);
        Path out = folder.resolve("past.safetensors");
        for (Path file : List.of(files.get(0), files.get(1), out)) {
            assertTrue(cachedShare(file) < 0.5, file + " is cached: " + cachedShare(file));
        }
    }

    /** What share of a file's pages the page cache holds. */
    private static double cachedShare(Path file) throws IOException {
        int page = 64 << 10;
        try (FileChannel channel = FileChannel.open(file)) {
            int pages = Math.toIntExact(channel.size() / page);
            int cached = 0;
            for (int k = 0; k < pages; k++) {
                cached += channel.map(FileChannel.MapMode.READ_ONLY, (long) k * page, page)
                                .isLoaded()
                        ? 1
                        : 0;
            }
            return (double) cached / pages;
        }
    }

    @Test
    void givesTheSameBytesOnAFileSystemInMemory() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory), "needs a file system in memory");
        Random random = new Random(5);
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
            model.put("a", TestFiles.random(DType.F32, 1_500_001, random));
            model.put("b", TestFiles.random(DType.BOOL, 1_000_003, random));
            model.put("c", TestFiles.random(DType.F16, 3_000_017, random));
            files.add(TestFiles.write(folder.resolve("model " + k + ".safetensors"), model));
        }
        byte[] expected =
                bytes(write(Stockpot.uniform(files), "on disk.safetensors", Engine.on(KernelSelection.best())));
        Path out = memory.resolve("stockpot test " + ProcessHandle.current().pid() + ".safetensors");
        try {
            for (int tile : new int[] {64 << 10, (1 << 20) + 4096, 2 << 20, 3_000_000, 16 << 20}) {
                for (int threads : new int[] {1, 3}) {
                    Engine settings = Engine.on(KernelSelection.best(), threads, IoMode.AUTO, tile);
                    Soups.write(Stockpot.uniform(files), out, settings);
                    assertArrayEquals(expected, Files.readAllBytes(out), "tile " + tile + " threads " + threads);
                }
            }
        } finally {
            Files.deleteIfExists(out);
        }
    }

    @Test
    void ofOneModelSeveralTimesIsThatModel() throws Exception {
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        ByteBuffer values = ByteBuffer.allocate(4 * 999).order(ByteOrder.LITTLE_ENDIAN);
        Random random = new Random(1);
        for (int i = 0; i < 999; i++) {
            values.putFloat((float) random.nextGaussian());
        }
        model.put("w", new TestFiles.Tensor(DType.F32, "[27,37]", values.array()));
        Path file = TestFiles.write(folder.resolve("model.safetensors"), model);
        for (int n : new int[] {2, 3, 7, 70}) {
            Checkpoint soup = write(
                    Stockpot.uniform(Collections.nCopies(n, file)),
                    "soup.safetensors",
                    Engine.on(KernelSelection.best()));
            assertEquals(
                    TensorDigest.sha256(Stockpot.open(file).tensors().get("w")),
                    TensorDigest.sha256(soup.tensors().get("w")),
                    n + " copies");
        }
    }

    @Test
    void givesTheSameWhetherOrNotTensorsLieAlikeInTheFiles() throws Exception {
        List<Path> alike = new ArrayList<>();
        List<Path> elsewhere = new ArrayList<>();
        List<Path> turned = new ArrayList<>();
        Random random = new Random(11);
        for (int k = 0; k < 3; k++) {
            Map<String, TestFiles.Tensor> model = TestFiles.randomModel(random);
            alike.add(TestFiles.write(folder.resolve("alike " + k + ".safetensors"), model));
            // As long, and of the same names in the same order, but two tensors have changed places.
            List<String> names = new ArrayList<>(model.keySet());
            if (k > 0) {
                Collections.swap(names, 3, 9);
            }
            Map<String, TestFiles.Tensor> moved = new LinkedHashMap<>();
            names.forEach(name -> moved.put(name, model.get(name)));
            elsewhere.add(TestFiles.write(folder.resolve("elsewhere " + k + ".safetensors"), moved));
            List<String> backwards = new ArrayList<>(model.keySet());
            if (k == 2) {
                Collections.reverse(backwards);
            }
            Map<String, TestFiles.Tensor> reversed = new LinkedHashMap<>();
            backwards.forEach(name -> reversed.put(name, model.get(name)));
            turned.add(TestFiles.write(folder.resolve("turned " + k + ".safetensors"), reversed));
        }
        List<Checkpoint> opened = Stockpot.openAll(alike, OpenOptions.defaults());
        assertTrue(areAlike(opened.get(0), opened.get(2)));
        assertTrue(areAlike(Stockpot.open(alike.get(0)), Stockpot.open(alike.get(2))), "compared tensor by tensor");
        assertFalse(areAlike(Stockpot.open(elsewhere.get(0)), Stockpot.open(elsewhere.get(1))));
        byte[] expected = bytes(write(
                Stockpot.uniform(alike).withWeights(1, 2, 3), "a.safetensors", Engine.on(KernelSelection.best())));
        for (List<Path> others : List.of(elsewhere, turned)) {
            Checkpoint other = write(
                    Stockpot.uniform(others).withWeights(1, 2, 3), "b.safetensors", Engine.on(KernelSelection.best()));
            assertArrayEquals(expected, bytes(other));
        }
    }

    /** Whether the tensors of both are known to be at the same places. */
    private static boolean areAlike(Checkpoint a, Checkpoint b) {
        MixTensor any = UniformSoup.of(a, b).mixture().tensors().get(0);
        return any.sources() instanceof AlikeTensors;
    }

    /** As PyTorch's tensors do that are not stored as they are: they lie in a file of their own beside the checkpoint's. */
    @Test
    void readsTensorsThatLieAlikeButNotInTheCheckpointsFiles() throws Exception {
        Random random = new Random(13);
        List<Path> spools = new ArrayList<>();
        List<Checkpoint> checkpoints = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            spools.add(TestFiles.write(
                    folder.resolve("spool " + k + ".safetensors"),
                    Map.of("w", TestFiles.random(DType.F32, 1000, random))));
            Path named = Files.write(folder.resolve("named " + k + ".pt"), new byte[10_000]);
            TensorInfo spooled = Stockpot.open(spools.get(k)).tensor("w");
            checkpoints.add(TestCheckpoints.of(
                    named,
                    new Contents(
                            "torch",
                            Map.of(named, 10_000L),
                            Map.of(),
                            TensorMap.of(new LinkedHashMap<>(Map.of("w", spooled))))));
        }
        for (List<Integer> chosen : List.of(List.of(0, 1), List.of(0, 0))) {
            List<Path> read = chosen.stream().map(spools::get).toList();
            List<Checkpoint> named = chosen.stream().map(checkpoints::get).toList();
            Checkpoint expected =
                    write(Stockpot.uniform(read), "expected.safetensors", Engine.on(KernelSelection.best()));
            Checkpoint made = write(UniformSoup.of(named), "made.safetensors", Engine.on(KernelSelection.best()));
            assertEquals(
                    TensorDigest.sha256(expected.tensors().get("w")),
                    TensorDigest.sha256(made.tensors().get("w")),
                    chosen.toString());
        }
    }

    @Test
    void weightsOfOneEqualNoWeights() throws Exception {
        UniformSoup soup = Stockpot.uniform(models(3));
        Checkpoint plain = write(soup, "plain.safetensors", Engine.on(KernelSelection.best()));
        Checkpoint weighted =
                write(soup.withWeights(1, 1, 1), "weighted.safetensors", Engine.on(KernelSelection.best()));
        for (TensorInfo tensor : plain.tensors().values()) {
            assertEquals(
                    TensorDigest.sha256(tensor),
                    TensorDigest.sha256(weighted.tensors().get(tensor.name())));
        }
    }

    @Test
    void mixesOneTensorIntoTheCallersMemory() throws Exception {
        UniformSoup soup = Stockpot.uniform(models(3));
        Checkpoint written = write(soup, "soup.safetensors", Engine.on(KernelSelection.best()));
        for (TensorInfo tensor : written.tensors().values()) {
            ByteBuffer direct = ByteBuffer.allocateDirect((int) tensor.bytes());
            soup.mix(tensor.name(), direct);
            byte[] mixed = new byte[(int) tensor.bytes()];
            direct.flip().get(mixed);
            byte[] file = Files.readAllBytes(written.path());
            byte[] stored = Arrays.copyOfRange(file, (int) tensor.offset(), (int) (tensor.offset() + tensor.bytes()));
            assertArrayEquals(stored, mixed, tensor.name());
        }
    }

    @Test
    void listsNamesThatDiffer() throws Exception {
        Path a = single("a", "x", "both");
        Path b = single("b", "both", "y");
        SoupException failure = assertThrows(
                SoupException.class,
                () -> write(Stockpot.uniform(List.of(a, b)), "soup.safetensors", Engine.on(KernelSelection.best())));
        assertTrue(failure.getMessage().contains("lacks 1 tensor (x)"), failure.getMessage());
        assertTrue(failure.getMessage().contains("has in addition 1 tensor (y)"), failure.getMessage());
        assertNothingLeft();
    }

    @Test
    void skipsOrKeepsWhatNotAllHave() throws Exception {
        UniformSoup soup = Stockpot.uniform(List.of(single("a", "x", "both"), single("b", "both", "y")));
        Checkpoint skipped =
                write(soup.withOnMissing(OnMissing.SKIP), "skip.safetensors", Engine.on(KernelSelection.best()));
        assertEquals(Set.of("both"), skipped.tensors().keySet());
        Checkpoint kept =
                write(soup.withOnMissing(OnMissing.KEEP), "keep.safetensors", Engine.on(KernelSelection.best()));
        assertEquals(Set.of("both", "x", "y"), kept.tensors().keySet());
        TensorInfo y = Stockpot.open(folder.resolve("b.safetensors")).tensors().get("y");
        assertEquals(TensorDigest.sha256(y), TensorDigest.sha256(kept.tensors().get("y")));
    }

    @Test
    void refusesWeightsThatDoNotFit() throws Exception {
        UniformSoup soup = Stockpot.uniform(models(2));
        assertThrows(SoupException.class, () -> soup.withWeights(1));
        assertThrows(SoupException.class, () -> soup.withWeights(1, Double.NaN));
        SoupException zero = assertThrows(
                SoupException.class,
                () -> write(soup.withWeights(1, -1), "zero.safetensors", Engine.on(KernelSelection.best())));
        assertTrue(zero.getMessage().contains("sum to 0.0"), zero.getMessage());
        write(
                soup.withWeights(1, -1).withoutNormalizing(),
                "difference.safetensors",
                Engine.on(KernelSelection.best()));
    }

    @Test
    void refusesAnOutputThatExistsOrIsAnInput() throws Exception {
        List<Path> models = models(2);
        UniformSoup soup = Stockpot.uniform(models);
        write(soup, "soup.safetensors", Engine.on(KernelSelection.best()));
        CheckpointException exists =
                assertThrows(CheckpointException.class, () -> soup.write(folder.resolve("soup.safetensors")));
        assertTrue(exists.getMessage().contains("exists already"), exists.getMessage());
        CheckpointException input = assertThrows(
                CheckpointException.class,
                () -> soup.write(models.get(1), Run.builder().overwrite(true).build()));
        assertTrue(input.getMessage().contains("also an input"), input.getMessage());
    }

    @Test
    void writesAModelDirectoryThatReadsBackTheSame() throws Exception {
        Path model = Files.createDirectory(folder.resolve("model with spaces"));
        Random random = new Random(3);
        TestFiles.write(model.resolve("model.safetensors"), TestFiles.randomModel(random));
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("README.md"), "about another model");
        UniformSoup soup = Stockpot.uniform(List.of(model, model));
        Checkpoint sharded = soup.write(
                folder.resolve("soup"),
                WriteOptions.builder().maxShardBytes(30_000).build(),
                Run.defaults());
        assertTrue(sharded.files().size() > 1);
        assertTrue(Files.exists(folder.resolve("soup/config.json")));
        assertFalse(Files.exists(folder.resolve("soup/README.md")));
        Checkpoint file = write(soup, "soup.safetensors", Engine.on(KernelSelection.best()));
        for (TensorInfo tensor : file.tensors().values()) {
            assertEquals(
                    TensorDigest.sha256(tensor),
                    TensorDigest.sha256(sharded.tensors().get(tensor.name())));
        }
    }

    @ParameterizedTest
    @EnumSource(IoMode.class)
    void survivesAnIngredientThatIsTruncatedMeanwhile(IoMode io) throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(io), "the file system has no direct access");
        Path a = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.BF16, 64 << 20);
        Path b = TestFiles.sparse(folder.resolve("b.safetensors"), "w", DType.BF16, 64 << 20);
        RunListener truncating = new RunListener() {
            @Override
            public void progress(long bytes) {
                try (FileChannel channel = FileChannel.open(b, StandardOpenOption.WRITE)) {
                    channel.truncate(8 << 20);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };
        Engine settings = Engine.on(KernelSelection.best(), 2, io, 1 << 20).with(truncating);
        UniformSoup soup = Stockpot.uniform(List.of(a, b));
        CheckpointException failure = assertThrows(
                CheckpointException.class, () -> Soups.write(soup, folder.resolve("soup.safetensors"), settings));
        assertTrue(failure.getMessage().contains("b.safetensors"), failure.getMessage());
        assertTrue(failure.getMessage().contains("shrank"), failure.getMessage());
        assertNothingLeft();
    }

    @Test
    void leavesNothingWhenInterrupted() throws Exception {
        Path a = TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.BF16, 64 << 20);
        Thread caller = Thread.currentThread();
        RunListener interrupting = new RunListener() {
            private boolean done;

            @Override
            public void progress(long bytes) {
                if (!done) {
                    done = true;
                    caller.interrupt();
                }
            }
        };
        assertThrows(
                InterruptedException.class,
                () -> Stockpot.uniform(List.of(a, a))
                        .write(
                                folder.resolve("soup.safetensors"),
                                Run.builder().listener(interrupting).build()));
        assertFalse(Thread.interrupted());
        assertNothingLeft();
    }

    @Test
    void readsTensorsThatLieBeyondFourGigabytes() throws Exception {
        Map<String, TestFiles.Tensor> tail = Map.of("tail", TestFiles.random(DType.BF16, 1001, new Random(4)));
        Path small = TestFiles.write(folder.resolve("small.safetensors"), tail);
        Map<String, TestFiles.Tensor> both = new LinkedHashMap<>();
        long huge = 5L << 30;
        both.put("huge", new TestFiles.Tensor(DType.U8, "[" + huge + "]", new byte[0]));
        both.put("tail", tail.get("tail"));
        byte[] header = TestFiles.header(both, Map.of("huge", huge, "tail", 2002L));
        Path large = folder.resolve("large.safetensors");
        try (var file = new RandomAccessFile(large.toFile(), "rw")) {
            file.write(header);
            file.seek(header.length + huge);
            file.write(tail.get("tail").values());
        }
        for (IoMode io : TestFiles.waysToRead(folder)) {
            Engine settings = Engine.on(KernelSelection.best(), 2, io, 1 << 20);
            Checkpoint one = write(Stockpot.uniform(List.of(small, small)), "one.safetensors", settings);
            Checkpoint soup = write(
                    Stockpot.uniform(List.of(large, small)).withOnMissing(OnMissing.SKIP), "two.safetensors", settings);
            assertEquals(
                    TensorDigest.sha256(one.tensors().get("tail")),
                    TensorDigest.sha256(soup.tensors().get("tail")));
        }
    }

    private Checkpoint write(UniformSoup soup, String name, Engine settings) throws InterruptedException {
        return Soups.write(soup, folder.resolve(name), settings);
    }

    private static byte[] bytes(Checkpoint checkpoint) throws IOException {
        return Files.readAllBytes(checkpoint.path());
    }

    private List<Path> models(int count) throws IOException {
        Random random = new Random(7);
        List<Path> files = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            files.add(TestFiles.write(folder.resolve("model " + k + ".safetensors"), TestFiles.randomModel(random)));
        }
        return files;
    }

    private Path single(String file, String... tensors) throws IOException {
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        for (String name : tensors) {
            model.put(name, new TestFiles.Tensor(DType.F16, "[2]", new byte[] {0, 0x3C, (byte) name.length(), 0x3C}));
        }
        return TestFiles.write(folder.resolve(file + ".safetensors"), model);
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> left = files.filter(f -> f.toString().contains("soup")).toList();
            assertEquals(List.of(), left);
        }
    }
}
