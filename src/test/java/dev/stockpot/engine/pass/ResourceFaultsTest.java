package dev.stockpot.engine.pass;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A system that has no memory for a buffer, or no thread, at each request in turn: all that was taken is given back. */
class ResourceFaultsTest {
    private static final int THREADS = 3;

    @TempDir
    Path folder;

    private final List<Checkpoint> ingredients = new ArrayList<>();
    private Path place;

    /** Two models of several tiles. */
    @BeforeEach
    void makeIngredients() throws IOException {
        place = Files.createDirectory(folder.resolve("place"));
        for (int k = 0; k < 2; k++) {
            Path file = folder.resolve(k + ".safetensors");
            ingredients.add(Checkpoint.open(
                    TestFiles.write(file, Map.of("w", TestFiles.random(DType.BF16, 3_000_000, new Random(k))))));
        }
    }

    /** Something that is run. */
    private interface Work {
        void run(Run run) throws InterruptedException;
    }

    private void soup(Run run) throws InterruptedException {
        UniformSoup.of(ingredients).write(place.resolve("soup.safetensors"), run);
    }

    private void diagnosis(Run run) throws InterruptedException {
        Diagnosis.of(ingredients).run(run);
    }

    private void comparison(Run run) throws InterruptedException {
        Stockpot.compare(ingredients.get(0), ingredients.get(1), run);
    }

    private void assertNothingLeft(String what) throws IOException {
        try (Stream<Path> left = Files.list(place)) {
            assertEquals(List.of(), left.toList(), what);
        }
        assertEquals(List.of(), OpenHandles.of(folder), what);
    }

    @Test
    void memoryThatRunsOutLeavesNothing() throws Exception {
        for (IoMode io : TestFiles.waysToRead(folder)) {
            for (Work work : List.<Work>of(this::soup, this::diagnosis, this::comparison)) {
                CountedKernels all = new CountedKernels(-1, Long.MAX_VALUE);
                work.run(Run.builder().kernels(all).threads(THREADS).io(io).build());
                assertEquals(0, all.held());
                Files.deleteIfExists(place.resolve("soup.safetensors"));
                for (int k = 0; k < all.allocations(); k++) {
                    CountedKernels kernels = new CountedKernels(k, Long.MAX_VALUE);
                    Run run = Run.builder()
                            .kernels(kernels)
                            .threads(THREADS)
                            .io(io)
                            .build();
                    assertThrows(OutOfMemoryError.class, () -> work.run(run));
                    assertEquals(0, kernels.held(), "allocation " + k);
                    assertNothingLeft("allocation " + k);
                }
            }
        }
    }

    @Test
    void threadsThatCannotBeStartedLeaveNothing() throws Exception {
        for (int k = 0; k < THREADS; k++) {
            int failing = k;
            AtomicInteger started = new AtomicInteger();
            List<Thread> threads = new ArrayList<>();
            CountedKernels kernels = new CountedKernels(-1, Long.MAX_VALUE);
            Run run = Run.builder()
                    .kernels(kernels)
                    .threads(THREADS)
                    .executor(work -> {
                        if (started.getAndIncrement() == failing) {
                            throw new OutOfMemoryError("unable to create native thread");
                        }
                        Thread thread = new Thread(work);
                        threads.add(thread);
                        thread.start();
                    })
                    .build();
            assertThrows(OutOfMemoryError.class, () -> soup(run));
            assertEquals(0, kernels.held(), "thread " + k);
            for (Thread thread : threads) {
                thread.join();
            }
            assertNothingLeft("thread " + k);
        }
    }

    @Test
    void aPassTakesNoMoreThanTheKernelsHave() throws Exception {
        for (IoMode io : TestFiles.waysToRead(folder)) {
            for (long most : new long[] {1 << 20, 3 << 20, 20 << 20}) {
                CountedKernels kernels = new CountedKernels(-1, most);
                soup(Run.builder().kernels(kernels).threads(64).io(io).build());
                assertTrue(kernels.mostBytes() <= most * 5 / 4, io + ": " + kernels.mostBytes() + " of " + most);
                Files.delete(place.resolve("soup.safetensors"));
            }
        }
    }
}
