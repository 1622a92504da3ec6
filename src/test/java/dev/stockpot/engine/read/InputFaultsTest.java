package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.engine.read.FaultyDisk.Fault;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Lets each call that a pass makes for its ingredients go wrong in turn, in every way, for every format and way to read: the
 * soup is whole, or there is none and the error names the file; nothing is left, open or mapped.
 */
class InputFaultsTest {
    /** Ingredients of one format, read in one way. */
    enum Kind {
        SAFETENSORS(IoMode.READ),
        SHARDS(IoMode.READ),
        TORCH(IoMode.READ),
        LEGACY(IoMode.READ),
        DEFLATED(IoMode.READ),
        WHAT_CANNOT_BE_MAPPED(IoMode.AUTO),
        DIRECT(IoMode.DIRECT);

        private final IoMode io;

        Kind(IoMode io) {
            this.io = io;
        }
    }

    static Stream<Arguments> kindsAndFaults() {
        return Arrays.stream(Kind.values())
                .flatMap(kind -> Arrays.stream(Fault.values()).map(fault -> Arguments.of(kind, fault)));
    }

    @TempDir
    Path folder;

    private final List<Checkpoint> ingredients = new ArrayList<>();

    private void make(Kind kind) throws Exception {
        if (kind == Kind.DIRECT) {
            assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        }
        for (int k = 0; k < 3; k++) {
            ingredients.add(Checkpoint.open(file(kind, k)));
        }
    }

    private Path file(Kind kind, int k) throws IOException {
        Path torch = Path.of("src/test/resources/torch");
        Random random = new Random(k);
        String name = "ingredient-" + k;
        return switch (kind) {
            case TORCH -> Files.copy(torch.resolve("model_00.pt"), folder.resolve(name + ".pt"));
            case LEGACY -> Files.copy(torch.resolve("legacy_format.pt"), folder.resolve(name + ".pt"));
            case DEFLATED -> Files.copy(torch.resolve("deflated.pt"), folder.resolve(name + ".pt"));
            case SHARDS -> shards(name, random);
            // Several tiles, so that some are read ahead.
            case DIRECT ->
                TestFiles.write(
                        folder.resolve(name + ".safetensors"),
                        Map.of("w", TestFiles.random(DType.F32, 1_300_000, random)));
            default -> TestFiles.write(folder.resolve(name + ".safetensors"), TestFiles.randomModel(random));
        };
    }

    private Path shards(String name, Random random) throws IOException {
        Path model = Files.createDirectory(folder.resolve(name));
        TestFiles.write(model.resolve("1.safetensors"), Map.of("a", TestFiles.random(DType.BF16, 1000, random)));
        TestFiles.write(model.resolve("2.safetensors"), Map.of("b", TestFiles.random(DType.I64, 1000, random)));
        return Files.writeString(
                model.resolve("model.safetensors.index.json"),
                "{\"weight_map\": {\"a\": \"1.safetensors\", \"b\": \"2.safetensors\"}}");
    }

    /** The same checkpoint on another disk. */
    private static Checkpoint on(FaultyDisk disk, Checkpoint real) throws IOException {
        CheckpointBuilder checkpoint = Checkpoint.describing(real.path(), real.format());
        Map<Path, Path> paths = new HashMap<>();
        for (TensorInfo tensor : real.tensors().values()) {
            FileSource source = (FileSource) tensor.source();
            if (!paths.containsKey(source.path())) {
                paths.put(source.path(), disk.path(source.path()));
                checkpoint.file(paths.get(source.path()), Files.size(source.path()));
            }
            Path path = paths.get(source.path());
            FileSource there = new FileSource(path, source.version());
            checkpoint.put(new TensorInfo(
                    tensor.name(), tensor.dtype(), tensor.shape(), there, tensor.offset(), tensor.bytes()));
        }
        return checkpoint.build();
    }

    private void soup(List<Checkpoint> from, Path out, IoMode io) throws InterruptedException {
        UniformSoup.of(from).write(out, Run.builder().threads(2).io(io).build());
    }

    @ParameterizedTest
    @MethodSource("kindsAndFaults")
    void aSoupIsWholeOrAbsentWhicheverReadGoesWrong(Kind kind, Fault fault) throws Exception {
        make(kind);
        Path expected = folder.resolve("expected.safetensors");
        soup(ingredients, expected, IoMode.READ);
        Path place = Files.createDirectory(folder.resolve("place"));
        Path out = place.resolve("soup.safetensors");
        int failed = 0;
        FaultyDisk disk = null;
        for (int k = 0; disk == null || disk.struck(); k++) {
            disk = new FaultyDisk(k, fault);
            List<Checkpoint> from = new ArrayList<>();
            for (Checkpoint ingredient : ingredients) {
                from.add(on(disk, ingredient));
            }
            boolean done = run(from, out, kind, fault);
            String what = "call " + k + " of " + disk.calls();
            assertEquals(done, Files.exists(out), what);
            if (done) {
                assertEquals(-1, Files.mismatch(expected, out), what);
                Files.delete(out);
            }
            try (Stream<Path> left = Files.list(place)) {
                assertEquals(List.of(), left.toList(), what);
            }
            assertEquals(List.of(), OpenHandles.of(folder), what);
            failed += done ? 0 : 1;
        }
        assertTrue(failed > 5, "failed only " + failed + " times");
        assertTrue(disk.calls().containsAll(List.of("open", "stat", "read", "close")), disk.calls()::toString);
    }

    /** Whether the soup was made; if not, that must have been said as it should. */
    private boolean run(List<Checkpoint> from, Path out, Kind kind, Fault fault) {
        try {
            soup(from, out, kind.io);
            Thread.interrupted();
            return true;
        } catch (InterruptedException e) {
            assertEquals(Fault.INTERRUPTED, fault);
            assertFalse(Thread.interrupted(), "told twice");
        } catch (OutOfMemoryError e) {
            assertEquals(Fault.NO_MEMORY, fault);
        } catch (CheckpointException e) {
            // Nobody interrupts the threads that read ahead, but this test.
            assertTrue(fault != Fault.INTERRUPTED || kind == Kind.DIRECT, e::toString);
            assertTrue(Set.of(Reason.UNREADABLE, Reason.CHANGED).contains(e.reason()), e::toString);
            String file = kind == Kind.DEFLATED ? ".spool" : folder.toString();
            assertTrue(e.getMessage().contains(file), e.getMessage());
        }
        return false;
    }

    /** A program's memory, of which one request fails. */
    private static TensorMemory failingMemory(AtomicInteger requests, int failing, RuntimeException failure) {
        return new TensorMemory() {
            @Override
            public long bytes() {
                return 4000;
            }

            @Override
            public ByteBuffer slice(long offset, int length) {
                if (requests.getAndIncrement() == failing) {
                    if (failure != null) {
                        throw failure;
                    }
                    return ByteBuffer.allocate(length - 1);
                }
                return ByteBuffer.allocate(length);
            }
        };
    }

    @Test
    void memoryThatFailsOrIsTooShortEndsTheRun() throws Exception {
        Path out = folder.resolve("soup.safetensors");
        for (RuntimeException failure : new RuntimeException[] {new IllegalStateException("gone"), null}) {
            for (int k = 0; k < 2; k++) {
                AtomicInteger requests = new AtomicInteger();
                List<Checkpoint> from = new ArrayList<>();
                for (int i = 0; i < 2; i++) {
                    from.add(Checkpoint.inMemory("m" + i)
                            .put(new TensorSpec("w", DType.F32, List.of(1000L)), failingMemory(requests, k, failure))
                            .build());
                }
                RuntimeException e = assertThrows(RuntimeException.class, () -> soup(from, out, IoMode.AUTO));
                assertEquals(
                        failure == null ? IllegalArgumentException.class : IllegalStateException.class, e.getClass());
                try (Stream<Path> left = Files.list(folder)) {
                    assertEquals(List.of(), left.toList());
                }
            }
        }
    }
}
