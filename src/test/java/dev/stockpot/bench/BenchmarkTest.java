package dev.stockpot.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.engine.Engine;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.generate.Architecture;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.run.RunListener;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchmarkTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsTheNativeLibrary() {
        assumeTrue(NativeLibrary.isAvailable());
    }

    private BenchOptions options(long bytes, int rounds) {
        return new BenchOptions(
                Architecture.BERT_BASE,
                bytes,
                List.of(DType.BF16),
                List.of(2),
                List.of("linear", "ties"),
                rounds,
                folder,
                Engine.on(KernelSelection.best()));
    }

    private void assertNothingLeft() throws IOException {
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void leavesNothingWhenItIsInterrupted() throws Exception {
        CompletableFuture<Throwable> outcome = new CompletableFuture<>();
        RunListener interrupting = new RunListener() {
            @Override
            public void note(String message) {
                if (message.startsWith("mixing")) {
                    Thread.currentThread().interrupt();
                }
            }
        };
        Thread runner = new Thread(() -> {
            try {
                new Benchmark(options(1_000_000, 1), interrupting).run();
                outcome.complete(null);
            } catch (InterruptedException | RuntimeException e) {
                outcome.complete(e);
            }
        });
        runner.start();
        assertInstanceOf(InterruptedException.class, outcome.get());
        assertNothingLeft();
    }

    @Test
    void leavesNothingWhenItFails() throws IOException {
        RunListener failing = new RunListener() {
            @Override
            public void note(String message) {
                if (message.startsWith("mixing")) {
                    throw new IllegalStateException("stop");
                }
            }
        };
        Benchmark benchmark = new Benchmark(options(1_000_000, 1), failing);
        assertThrows(IllegalStateException.class, benchmark::run);
        assertNothingLeft();
    }

    @Test
    void measuresEachSoupInEveryRoundBesideItsLimit() throws Exception {
        BenchResult result = new Benchmark(options(500_000, 3), RunListener.silent()).run();
        for (BenchResult.Soup soup : result.soups()) {
            assertEquals(3, soup.samples().seconds().size(), soup.recipe());
            assertEquals(3, soup.limit().seconds().size(), soup.recipe());
        }
        assertEquals(
                List.of(8, 4),
                result.soups().stream()
                        .filter(soup ->
                                soup.recipe().equals("linear") || soup.recipe().equals("ties"))
                        .map(BenchResult.Soup::ingredients)
                        .toList());
        assertNothingLeft();
    }

    @Test
    void refusesAFolderWithoutRoom() {
        Benchmark benchmark = new Benchmark(options(1L << 50, 1), RunListener.silent());
        assertThrows(CheckpointException.class, benchmark::run);
    }

    @Test
    void sharesAreRatiosWithinARound() {
        Samples soup = new Samples(8, List.of(2.0, 4.0, 1.0));
        Samples limit = new Samples(8, List.of(1.0, 4.0, 0.5));
        BenchResult.Soup row =
                new BenchResult.Soup("uniform", DType.BF16, 2, "page cache", "memory", soup, "read", limit);
        assertEquals(List.of(0.5, 1.0, 0.5), row.shares());
        assertEquals(0.5, row.share());
        assertEquals(2, soup.median());
        assertEquals(3, new Samples(8, List.of(2.0, 4.0)).median());
        assertEquals(List.of(3.0, 8.0, 1.5), soup.plus(limit).seconds());
        assertEquals(4e-9, soup.gigabytesPerSecond(2));
    }
}
