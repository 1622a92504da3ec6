package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.HandedOver;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.IoMode;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.Epoch;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A thread that is interrupted at any point of a soup: it ends by an {@code InterruptedException}, or the soup is made and the
 * thread is still interrupted; nothing else is left.
 */
class InterruptionsTest extends Descents {
    /** What is interrupted. */
    enum Recipe {
        FILE,
        DIRECTORY,
        TORCH,
        DIRECT,
        GREEDY,
        LEARNED
    }

    private static final int MOMENTS = 25;

    private final List<Checkpoint> models = new ArrayList<>();
    private Path place;
    private Path scratch;

    @BeforeEach
    void makeModels() throws IOException {
        place = Files.createDirectory(folder.resolve("place"));
        scratch = Files.createDirectory(folder.resolve("scratch"));
        for (int k = 0; k < 3; k++) {
            Path model = Files.createDirectory(folder.resolve("model-" + k));
            TestFiles.write(
                    model.resolve("model.safetensors"),
                    Map.of(
                            "w", TestFiles.random(DType.BF16, 3_000_000, new Random(k)),
                            "n", TestFiles.random(DType.I64, 1000, new Random(k))));
            Files.writeString(model.resolve("config.json"), "{}");
            models.add(Checkpoint.open(model));
        }
    }

    private Path out(Recipe recipe) {
        return place.resolve(
                recipe == Recipe.TORCH ? "soup.pt" : recipe == Recipe.DIRECTORY ? "soup" : "soup.safetensors");
    }

    private CandidateOptions candidates() {
        return CandidateOptions.builder().scratch(scratch).build();
    }

    private void run(Recipe recipe, RunListener listener, SearchListener search) throws Exception {
        Run run = Run.builder()
                .threads(2)
                .io(recipe == Recipe.DIRECT ? IoMode.DIRECT : IoMode.AUTO)
                .listener(listener)
                .build();
        Soup soup = switch (recipe) {
            case GREEDY ->
                GreedySoup.of(models)
                        .withCandidates(candidates())
                        .search(new FirstValue(), run, search)
                        .soup();
            case LEARNED ->
                LearnedSoup.of(ingredients)
                        .withCandidates(candidates())
                        .withOptions(options(2, 10))
                        .learn(new Squares(), run, search)
                        .soup();
            default -> UniformSoup.of(models);
        };
        soup.write(out(recipe), run);
    }

    /** Scores a candidate's file, as a command would. */
    private static final class FirstValue implements Evaluator {
        @Override
        public String identity() {
            return "first value";
        }

        @Override
        public Scores evaluate(Candidate candidate) throws InterruptedException {
            try (HandedOver file = candidate.handOver(Candidate.Form.AS_INGREDIENTS)) {
                return Scores.of(
                        "score",
                        Float.floatToIntBits(Checkpoint.open(file.path()).floats("w")[0]));
            }
        }

        @Override
        public void close() {}
    }

    /** Calls {@code heard} for everything that a run tells. */
    private static RunListener telling(Runnable heard) {
        return new RunListener() {
            @Override
            public void started(long bytes) {
                heard.run();
            }

            @Override
            public void progress(long bytes) {
                heard.run();
            }

            @Override
            public void finishing() {
                heard.run();
            }
        };
    }

    private static SearchListener tellingSearch(Runnable heard) {
        return new SearchListener() {
            @Override
            public void scored(Checkpoint ingredient, Scores scores, boolean kept) {
                heard.run();
            }

            @Override
            public void tried(Trial trial) {
                heard.run();
            }

            @Override
            public void stepped(int epoch, int step, int steps, double loss) {
                heard.run();
            }

            @Override
            public void learned(Epoch epoch, boolean kept) {
                heard.run();
            }
        };
    }

    /** Makes the soup that others are compared with; returns how long that took, in nanoseconds. */
    private long makeExpected(Recipe recipe) throws Exception {
        soup(0.5, 2, 3);
        run(recipe, RunListener.silent(), SearchListener.silent());
        delete(out(recipe));
        long start = System.nanoTime();
        run(recipe, RunListener.silent(), SearchListener.silent());
        long took = System.nanoTime() - start;
        Files.move(out(recipe), folder.resolve("expected"));
        return took;
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (Stream<Path> files = Files.list(path)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.deleteIfExists(path);
    }

    /** Looks at what a run has left; {@code done} if it ended as if it had not been interrupted. */
    private void check(Recipe recipe, boolean done, String what) throws Exception {
        Path out = out(recipe);
        assertTrue(!done || Files.exists(out), what);
        if (Files.isDirectory(out)) {
            for (String file : List.of("model.safetensors", "config.json")) {
                assertEquals(-1, Files.mismatch(folder.resolve("expected").resolve(file), out.resolve(file)), what);
            }
        } else if (Files.exists(out)) {
            assertEquals(-1, Files.mismatch(folder.resolve("expected"), out), what);
        }
        delete(out);
        for (Path empty : List.of(place, scratch)) {
            try (Stream<Path> left = Files.list(empty)) {
                assertEquals(List.of(), left.toList(), what);
            }
        }
        assertEquals(List.of(), OpenHandles.soon(folder), what);
        assertFalse(
                Thread.getAllStackTraces().keySet().stream()
                        .anyMatch(thread -> thread.getName().startsWith("stockpot-reader")),
                what);
    }

    @ParameterizedTest
    @EnumSource
    void atEveryCallOfAListener(Recipe recipe) throws Exception {
        makeExpected(recipe);
        Thread caller = Thread.currentThread();
        boolean struck = true;
        for (int k = 0; struck; k++) {
            int number = k;
            AtomicInteger calls = new AtomicInteger();
            Runnable heard = () -> {
                if (calls.getAndIncrement() == number) {
                    caller.interrupt();
                }
            };
            boolean done = false;
            try {
                run(recipe, telling(heard), tellingSearch(heard));
                done = true;
            } catch (InterruptedException e) {
                assertFalse(Thread.interrupted(), "call " + k + ": told twice");
            }
            struck = calls.get() > k;
            assertEquals(done && struck, Thread.interrupted(), "call " + k + ": an interruption was lost");
            check(recipe, done, "call " + k);
        }
    }

    @ParameterizedTest
    @EnumSource
    void atAnyMoment(Recipe recipe) throws Exception {
        long took = makeExpected(recipe);
        Thread caller = Thread.currentThread();
        Random random = new Random(recipe.ordinal());
        int cancelled = 0;
        for (int k = 0; k < MOMENTS; k++) {
            long moment = (long) (random.nextDouble() * took);
            Thread other = new Thread(() -> {
                long end = System.nanoTime() + moment;
                while (System.nanoTime() < end) {
                    LockSupport.parkNanos(end - System.nanoTime());
                }
                caller.interrupt();
            });
            other.start();
            boolean done = false;
            try {
                run(recipe, RunListener.silent(), SearchListener.silent());
                done = true;
            } catch (InterruptedException e) {
                cancelled++;
            }
            joined(other);
            Thread.interrupted();
            check(recipe, done, "after " + moment + " of " + took + " ns");
        }
        assertTrue(cancelled > 0, "was never interrupted in time");
    }

    private static void joined(Thread thread) {
        while (thread.isAlive()) {
            Thread.interrupted();
            Thread.onSpinWait();
        }
    }
}
