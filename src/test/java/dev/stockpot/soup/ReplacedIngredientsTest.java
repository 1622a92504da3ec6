package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Ingredients that are rewritten after their headers were read: never values from a wrong place, always an error. */
class ReplacedIngredientsTest {
    @TempDir
    Path folder;

    private Path out() {
        return folder.resolve("soup.safetensors");
    }

    /** A model whose header has {@code extra} in its metadata, so that its values begin elsewhere. */
    private Path model(String name, float value, String extra) throws InterruptedException, IOException {
        Path file = folder.resolve(name);
        Path fresh = folder.resolve("fresh " + name);
        Checkpoint made = Checkpoint.inMemory(name)
                .metadata(Map.of("note", extra))
                .put("a", List.of(3L), value, value, value)
                .put("b", List.of(2L), value, value)
                .build();
        UniformSoup.of(made)
                .write(
                        fresh,
                        WriteOptions.builder().durable(false).build(),
                        Run.builder().overwrite(true).build());
        Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
        return file;
    }

    private static void changed(Executable run, String what) {
        CheckpointException e = assertThrows(CheckpointException.class, run, what);
        assertEquals(Reason.CHANGED, e.reason(), e.getMessage());
    }

    @ParameterizedTest
    @EnumSource(IoMode.class)
    void aFileThatIsReplacedIsRefused(IoMode io) throws Exception {
        Path x = model("x.safetensors", 1, "");
        Path y = model("y.safetensors", 3, "");
        Soup soup = Stockpot.uniform(x, y);
        Checkpoint opened = Checkpoint.open(y);
        model("y.safetensors", 3, "a longer header");
        Run run = Run.builder().io(io).build();
        changed(() -> soup.write(out(), run), "write");
        changed(() -> soup.floats("a"), "floats");
        changed(() -> opened.floats("a"), "floats of the checkpoint");
        changed(() -> Stockpot.compare(opened, Checkpoint.open(x), run), "compare");
        assertFalse(Files.exists(out()));
    }

    @ParameterizedTest
    @EnumSource(IoMode.class)
    void aFileThatIsWrittenToIsRefused(IoMode io) throws Exception {
        Path x = model("x.safetensors", 1, "");
        Soup soup = Stockpot.uniform(x, model("y.safetensors", 3, ""));
        byte[] bytes = Files.readAllBytes(x);
        bytes[bytes.length - 1] ^= 1;
        Files.write(x, bytes);
        // On a coarse clock both writes may have one time.
        Files.setLastModifiedTime(x, FileTime.fromMillis(System.currentTimeMillis() + 5000));
        changed(() -> soup.write(out(), Run.builder().io(io).build()), "written in place");
        assertFalse(Files.exists(out()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x.safetensors", "x.pt"})
    void duringASearchItIsRefusedToo(String name) throws Exception {
        Path x = folder.resolve(name);
        Checkpoint.open(model("m.safetensors", 1, ""));
        UniformSoup.of(Checkpoint.open(folder.resolve("m.safetensors"))).write(x);
        Path y = model("y.safetensors", 3, "");
        AtomicInteger evaluations = new AtomicInteger();
        try (Evaluator evaluator = Evaluators.of("replacing", candidate -> {
            if (evaluations.incrementAndGet() == 2) {
                replace(x);
            }
            return Scores.of("score", 1 + evaluations.get());
        })) {
            changed(
                    () -> Stockpot.greedy(List.of(x, y))
                            .search(evaluator)
                            .soup()
                            .write(out()),
                    "search");
        }
        assertFalse(Files.exists(out()));
    }

    private void replace(Path x) throws InterruptedException {
        try {
            Path other = folder.resolve("other " + x.getFileName());
            UniformSoup.of(Checkpoint.open(model("n.safetensors", 100, "another header, which is longer")))
                    .write(other);
            Files.move(other, x, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aPipeIsNoCheckpointAndNothingWaitsForItsWriter() throws Exception {
        Path pipe = folder.resolve("pipe.safetensors");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(pipe));
        assertTrue(e.getMessage().contains("not a regular file"), e.getMessage());
        Path x = model("x.safetensors", 1, "");
        Soup soup = Stockpot.uniform(x);
        Files.move(pipe, x, StandardCopyOption.REPLACE_EXISTING);
        assertThrows(CheckpointException.class, () -> soup.write(out()));
        assertFalse(Files.exists(out()));
    }
}
