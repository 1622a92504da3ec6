package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.TestCheckpoints;
import dev.stockpot.checkpoint.file.Contents;
import dev.stockpot.checkpoint.file.TensorMap;
import dev.stockpot.engine.AlikeTensors;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.memory.PlainRead;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Isa;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tests that a soup has the same bytes wherever its ingredients and its output are, and whatever makes it. */
class SameBytesTest extends UniformSoups {
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

    /** The share of a file's pages that are in the page cache. */
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
    void givesTheSameWhetherOrNotTensorsLieAlikeInTheFiles() throws Exception {
        List<Path> alike = new ArrayList<>();
        List<Path> elsewhere = new ArrayList<>();
        List<Path> turned = new ArrayList<>();
        Random random = new Random(11);
        for (int k = 0; k < 3; k++) {
            Map<String, TestFiles.Tensor> model = TestFiles.randomModel(random);
            alike.add(TestFiles.write(folder.resolve("alike " + k + ".safetensors"), model));
            // The same length, and the same names in the same order, but two tensors have changed places.
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

    /** Whether the tensors of both are known to be at the same offsets. */
    private static boolean areAlike(Checkpoint a, Checkpoint b) {
        MixTensor any = UniformSoup.of(a, b).mixture().tensors().get(0);
        return any.sources() instanceof AlikeTensors;
    }

    /** Like PyTorch tensors that cannot be read in place: they are in a file of their own, separate from the checkpoint's. */
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
}
