package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Soups that are made on a program's own threads. */
class LentThreadsTest {
    @TempDir
    Path folder;

    private Path out() {
        return folder.resolve("soup.safetensors");
    }

    private Checkpoint model(String name, float value) throws InterruptedException {
        Checkpoint made = Checkpoint.inMemory(name)
                .put("a", List.of(2L), value, 10 * value)
                .build();
        return UniformSoup.of(made).write(folder.resolve(name + ".safetensors"));
    }

    @Test
    void workersMayBeACallersThreads() throws Exception {
        Soup soup = UniformSoup.of(model("x", 1), model("y", 3));
        Set<String> names = Collections.synchronizedSet(new TreeSet<>());
        ExecutorService mine = Executors.newFixedThreadPool(
                1,
                work -> new Thread(
                        () -> {
                            names.add(Thread.currentThread().getName());
                            work.run();
                        },
                        "mine"));
        try {
            // More workers than threads: late ones find nothing left to do.
            Run run = Run.builder().executor(mine).threads(4).build();
            assertArrayEquals(
                    new float[] {2, 20},
                    soup.write(out(), WriteOptions.defaults(), run).floats("a"));
            assertEquals(Set.of("mine"), names);
        } finally {
            mine.shutdown();
        }
        Run closed = Run.builder().executor(mine).overwrite(true).build();
        assertThrows(RejectedExecutionException.class, () -> soup.write(out(), closed));
        assertArrayEquals(new float[] {2, 20}, Checkpoint.open(out()).floats("a"), "the earlier output stays");
    }

    @Test
    void anInterruptedThreadOfTheCallersEndsTheRun() throws Exception {
        Soup soup = UniformSoup.of(model("x", 1), model("y", 3));
        ExecutorService mine = Executors.newFixedThreadPool(2);
        Executor interrupting = work -> mine.execute(() -> {
            Thread.currentThread().interrupt();
            work.run();
        });
        try {
            for (IoMode io : IoMode.values()) {
                Run run = Run.builder().executor(interrupting).io(io).threads(2).build();
                assertThrows(InterruptedException.class, () -> soup.write(out(), run), io.toString());
                assertFalse(Files.exists(out()), io.toString());
            }
        } finally {
            mine.shutdownNow();
        }
    }
}
