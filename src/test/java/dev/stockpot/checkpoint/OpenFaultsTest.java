package dev.stockpot.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.TestFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Opening checkpoints of every format that end too early, and on a thread that is interrupted: nothing stays open. */
class OpenFaultsTest {
    enum Kind {
        SAFETENSORS,
        SHARDS,
        TORCH,
        LEGACY,
        DEFLATED,
        VIEWS
    }

    @TempDir
    Path folder;

    /** A checkpoint; its last file is {@link #last}. */
    private Path make(Kind kind) throws IOException {
        Path torch = Path.of("src/test/resources/torch");
        Random random = new Random(1);
        return switch (kind) {
            case SAFETENSORS -> TestFiles.write(folder.resolve("a.safetensors"), TestFiles.randomModel(random));
            case SHARDS -> {
                TestFiles.write(
                        folder.resolve("1.safetensors"), Map.of("a", TestFiles.random(DType.F32, 1000, random)));
                yield Files.writeString(
                        folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"1.safetensors\"}}");
            }
            case TORCH -> Files.copy(torch.resolve("model_00.pt"), folder.resolve("a.pt"));
            case LEGACY -> Files.copy(torch.resolve("legacy_format.pt"), folder.resolve("a.pt"));
            case DEFLATED -> Files.copy(torch.resolve("deflated.pt"), folder.resolve("a.pt"));
            case VIEWS -> Files.copy(torch.resolve("views_and_ties.pt"), folder.resolve("a.pt"));
        };
    }

    private Path last(Path checkpoint) {
        Path shard = folder.resolve("1.safetensors");
        return Files.exists(shard) ? shard : checkpoint;
    }

    private static Set<String> spools() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return new TreeSet<>(all.map(Path::toString)
                    .filter(name -> name.endsWith(".spool"))
                    .toList());
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFileThatEndsTooEarlyIsNamedAndLeavesNothing(Kind kind) throws Exception {
        Path checkpoint = make(kind);
        Path file = last(checkpoint);
        byte[] whole = Files.readAllBytes(file);
        Set<String> before = spools();
        for (int k = 0; k < 100; k++) {
            long length = (long) whole.length * k / 100;
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                out.setLength(0);
                out.write(whole, 0, (int) length);
            }
            CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(checkpoint));
            assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
            assertEquals(List.of(), OpenHandles.of(folder), kind + " of " + length + " bytes");
        }
        assertTrue(before.containsAll(spools()), "a temporary file is left");
    }

    @ParameterizedTest
    @EnumSource
    void anInterruptedThreadOpensItAndStaysInterrupted(Kind kind) throws Exception {
        Path file = make(kind);
        Map<String, ?> expected = Checkpoint.open(file).tensors();
        Thread.currentThread().interrupt();
        try {
            assertEquals(expected.keySet(), Checkpoint.open(file).tensors().keySet());
        } finally {
            assertTrue(Thread.interrupted());
        }
        assertEquals(List.of(), OpenHandles.of(folder));
    }
}
