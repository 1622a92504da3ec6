package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.checkpoint.onnx.Proto;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.disk.OutputFile;
import dev.stockpot.engine.disk.OutputFiles;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.engine.write.FailingFiles.Fault;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lets each call to the file system go wrong in turn, in every way, for every kind of output: it is whole or absent, what was
 * there before is whole or replaced, and nothing else is left: no file, no descriptor, no mapping, no interruption.
 */
class OutputFaultsTest {
    /** A kind of output: a name, whether it replaces one, and whether it is filled in memory. */
    enum Kind {
        FILE("soup.safetensors", false),
        TORCH("soup.pt", false),
        DIRECTORY("soup", false),
        PIPELINE("soup", false),
        WITH_DATA_FILE("soup.onnx", false),
        REPLACED_FILE("soup.safetensors", true),
        REPLACED_TORCH("soup.pt", true),
        REPLACED_DIRECTORY("soup", true),
        REPLACED_PIPELINE("soup", true),
        REPLACED_WITH_DATA_FILE("soup.onnx", true),
        FILE_IN_MEMORY("soup.safetensors", false),
        DIRECTORY_IN_MEMORY("soup", false);

        private final String name;
        private final boolean replaces;

        Kind(String name, boolean replaces) {
            this.name = name;
            this.replaces = replaces;
        }

        boolean isPipeline() {
            return this == PIPELINE || this == REPLACED_PIPELINE;
        }

        boolean isOnnx() {
            return this == WITH_DATA_FILE || this == REPLACED_WITH_DATA_FILE;
        }

        boolean inMemory() {
            return this == FILE_IN_MEMORY || this == DIRECTORY_IN_MEMORY;
        }
    }

    static Stream<Arguments> kindsAndFaults() {
        return Arrays.stream(Kind.values())
                .flatMap(kind -> Arrays.stream(Fault.values()).map(fault -> Arguments.of(kind, fault)));
    }

    @TempDir
    Path folder;

    private final List<String> warnings = new ArrayList<>();
    private Checkpoint input;
    private Checkpoint earlier;
    private Path place;
    private Path out;

    private void prepare(Kind kind) throws IOException {
        Random random = new Random(1);
        Map<String, Tensor> before = Map.of("w", TestFiles.random(DType.F32, 10, random));
        if (kind.isPipeline()) {
            input = pipeline("model", small(random));
            earlier = pipeline("earlier", before);
        } else if (kind.isOnnx()) {
            input = Checkpoint.open(Proto.withData(folder.resolve("model"), random, 5000, 37, 0));
            earlier = Checkpoint.open(Proto.withData(folder.resolve("earlier"), random, 10));
        } else {
            input = model("model", kind.inMemory() ? large(random) : small(random));
            earlier = model("earlier", before);
        }
        // In memory if possible, where making files durable takes no time.
        Path memory = Path.of("/dev/shm");
        boolean there = Files.isWritable(memory) && NativeLibrary.isInMemory(memory);
        assumeTrue(there || !kind.inMemory(), "needs a file system in memory");
        place = Files.createTempDirectory(there ? memory : folder, "stockpot-test-");
        out = place.resolve(kind.name);
    }

    private Checkpoint model(String name, Map<String, Tensor> tensors) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        TestFiles.write(model.resolve("model.safetensors"), tensors);
        Files.writeString(model.resolve("config.json"), "{}");
        return Checkpoint.open(model);
    }

    /** Two components with the same weights, and one without any. */
    private Checkpoint pipeline(String name, Map<String, Tensor> tensors) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        for (String component : List.of("unet", "vae")) {
            TestFiles.write(Files.createDirectory(model.resolve(component)).resolve("model.safetensors"), tensors);
        }
        Files.writeString(Files.createDirectory(model.resolve("scheduler")).resolve("scheduler_config.json"), "{}");
        Files.writeString(model.resolve("config.json"), "{}");
        Files.writeString(model.resolve("model_index.json"), "{}");
        return Checkpoint.open(model);
    }

    /** Several tiles, types and shards. */
    private static Map<String, Tensor> small(Random random) {
        Map<String, Tensor> model = new LinkedHashMap<>();
        for (DType dtype : List.of(DType.F64, DType.BF16, DType.I64, DType.F8_E4M3)) {
            model.put("a." + dtype, TestFiles.random(dtype, 5000, random));
            model.put("b." + dtype, TestFiles.random(dtype, 37, random));
        }
        model.put("none", TestFiles.random(DType.F32, 0, random));
        return model;
    }

    /** More than two large pages, which may be filled in place. */
    private static Map<String, Tensor> large(Random random) {
        return Map.of("w", TestFiles.random(DType.F32, 1_300_000, random), "b", TestFiles.random(DType.F32, 1, random));
    }

    @AfterEach
    void removePlace() throws IOException {
        if (place != null) {
            OutputFiles.DISK.delete(place);
        }
    }

    private void write(Checkpoint from, boolean overwrite, OutputFiles files) throws InterruptedException {
        long shard = from.bytes() / 4;
        WriteOptions options = WriteOptions.builder()
                .maxShardBytes(shard)
                .card("card")
                .durable(from == input)
                .build();
        List<MixTensor> tensors =
                from.tensors().values().stream().map(MixTensor::copy).toList();
        int tile = from.bytes() > 1 << 20 ? 2 << 20 : 1 << 14;
        Engine engine = Engine.on(new JavaKernels(), 1, IoMode.READ, tile).with(new RunListener() {
            @Override
            public void warning(String message) {
                warnings.add(message);
            }
        });
        new CheckpointWriter(out, options, overwrite, List.of(from), Set.of(), files).write(tensors, Map.of(), engine);
    }

    /** Brings back what is there before each run. */
    private void reset(Kind kind) throws Exception {
        OutputFiles.DISK.delete(place);
        Files.createDirectory(place);
        warnings.clear();
        if (kind.replaces) {
            write(earlier, false, OutputFiles.DISK);
            if (Files.isDirectory(out)) {
                Files.writeString(out.resolve("train.py"), "mine");
                if (kind.isPipeline()) {
                    Files.writeString(out.resolve("vae/notes.txt"), "mine");
                }
            }
        }
    }

    private static boolean isWhole(Path file, Checkpoint from) throws InterruptedException {
        Checkpoint written = Checkpoint.open(file);
        if (!from.tensors().keySet().equals(written.tensors().keySet())) {
            return false;
        }
        for (TensorInfo tensor : written.tensors().values()) {
            assertEquals(TensorDigest.sha256(from.tensor(tensor.name())), TensorDigest.sha256(tensor), tensor.name());
        }
        return true;
    }

    private List<String> left() throws IOException {
        try (Stream<Path> files = Files.list(place)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    /** How a run ended. */
    private enum End {
        DONE,
        FAILED,
        CANCELLED
    }

    private End run(Kind kind, FailingFiles files, String what) throws IOException {
        try {
            write(input, kind.replaces, files);
            boolean interrupted = files.struck() && files.fault() == Fault.INTERRUPTED;
            assertEquals(interrupted, Thread.interrupted(), what + ": an interruption that nothing noticed was lost");
            return End.DONE;
        } catch (InterruptedException e) {
            assertEquals(Fault.INTERRUPTED, files.fault(), what);
            assertFalse(Thread.interrupted(), what + ": told twice");
            return End.CANCELLED;
        } catch (OutOfMemoryError e) {
            assertEquals(Fault.NO_MEMORY, files.fault(), what);
            return End.FAILED;
        } catch (CheckpointException e) {
            assertEquals(Reason.UNWRITABLE, e.reason(), what);
            assertTrue(e.getMessage().contains(out.toString()), e.getMessage());
            assertTrue(e.getMessage().contains(" fails"), e.getMessage());
            return End.FAILED;
        }
    }

    @ParameterizedTest
    @MethodSource("kindsAndFaults")
    void anOutputIsWholeOrAbsentWhicheverCallGoesWrong(Kind kind, Fault fault) throws Exception {
        prepare(kind);
        int ends = 0;
        for (int k = 0; ; k++) {
            reset(kind);
            FailingFiles files = FailingFiles.at(k, fault);
            End end = run(kind, files, "call " + k);
            boolean struck = files.struck();
            String what = "call " + k + (struck ? ", " + files.calls.get(k) : "") + ": " + end + " " + warnings;
            check(kind, end, files, what);
            if (!struck) {
                assertEquals(End.DONE, end);
                assertTrue(k > 8, "only " + k + " calls: " + files.calls);
                break;
            }
            ends += end == End.DONE ? 0 : 1;
        }
        assertTrue(ends > 3, "ended early only " + ends + " times");
    }

    private void check(Kind kind, End end, FailingFiles files, String what) throws Exception {
        boolean there = Files.exists(out);
        boolean now = there && isWhole(out, input);
        assertTrue(there || !kind.replaces, what);
        assertTrue(now || !there || (kind.replaces && isWhole(out, earlier)), what);
        assertTrue(now || end != End.DONE, what);
        assertTrue(!now || end != End.CANCELLED, what);
        if (Files.isDirectory(out)) {
            assertEquals("{}", Files.readString(out.resolve("config.json")), what);
            assertEquals("card", Files.readString(out.resolve("README.md")), what);
            assertTrue(
                    !kind.replaces || Files.readString(out.resolve("train.py")).equals("mine"), what);
            if (kind.isPipeline()) {
                assertEquals("{}", Files.readString(out.resolve("scheduler/scheduler_config.json")), what);
                assertTrue(
                        !kind.replaces
                                || Files.readString(out.resolve("vae/notes.txt"))
                                        .equals("mine"),
                        what);
            }
        }
        // The replaced model could not be deleted, which is a warning; without memory, not even that.
        boolean old = warnings.toString().contains("could not be deleted") || (now && files.fault() == Fault.NO_MEMORY);
        int each = kind.isOnnx() ? 2 : 1;
        assertTrue(left().size() <= (there ? each : 0) + (old ? each : 0), what + ": " + left());
        for (OutputFile file : files.made) {
            file.close();
        }
        assertEquals(List.of(), OpenHandles.soon(place), what);
        assertEquals(List.of(), OpenHandles.soon(folder), what);
    }
}
