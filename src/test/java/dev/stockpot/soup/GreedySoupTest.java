package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.Order;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of one number, scored by how near it is to a target: every soup can be worked out by hand. */
class GreedySoupTest {
    @TempDir
    Path folder;

    private final List<Path> paths = new ArrayList<>();

    private GreedySoup soup(double... values) throws IOException {
        for (double value : values) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value);
            Map<String, TestFiles.Tensor> model = Map.of("w", new TestFiles.Tensor(DType.F64, "[]", bytes.array()));
            paths.add(TestFiles.write(folder.resolve("m" + paths.size() + ".safetensors"), model));
        }
        return Stockpot.greedy(paths);
    }

    /** {@code score}: minus the distance to {@code target}; {@code loss}: the distance. Counts what it is asked. */
    private static class Nearness implements Evaluator {
        final double target;
        final List<Double> asked = Collections.synchronizedList(new ArrayList<>());
        int failAfter = Integer.MAX_VALUE;

        Nearness(double target) {
            this.target = target;
        }

        @Override
        public String identity() {
            return "nearness to " + target;
        }

        @Override
        public Scores evaluate(Candidate candidate) throws InterruptedException {
            if (asked.size() >= failAfter) {
                throw new EvaluationException(Reason.FAILED, candidate.name() + ": no more");
            }
            ByteBuffer value = ByteBuffer.allocateDirect(8).order(ByteOrder.LITTLE_ENDIAN);
            candidate.mixInto(Map.of("w", new TensorMemory() {
                @Override
                public long bytes() {
                    return 8;
                }

                @Override
                public ByteBuffer slice(long offset, int length) {
                    return value.slice((int) offset, length);
                }
            }));
            double w = value.getDouble(0);
            asked.add(w);
            Map<String, Double> metrics = new LinkedHashMap<>();
            metrics.put("score", -Math.abs(w - target));
            metrics.put("loss", Math.abs(w - target));
            return new Scores(metrics);
        }

        @Override
        public void close() {}
    }

    private static GreedyResult search(GreedySoup soup, Evaluator evaluator) throws InterruptedException {
        return soup.search(evaluator, Run.defaults(), SearchListener.silent());
    }

    private static List<String> names(List<Checkpoint> checkpoints) {
        return checkpoints.stream()
                .map(c -> c.path().getFileName().toString().replace(".safetensors", ""))
                .toList();
    }

    @Test
    void keepsWhatMakesTheSoupBetter() throws Exception {
        // Target 0. Scores: 1 (m1), 2 (m0), 3 (m3), 4 (m2). 1 alone: 1; with 2: 1.5, no; with -3: -1, as good, no;
        // with 4: no. Of the second set -3 is replaced by -1.5: (1 - 1.5) / 2 = -0.25, kept.
        GreedyResult result = search(soup(2, 1, 4, -3), new Nearness(0));
        assertEquals(List.of("m1"), names(result.chosen()));
        assertEquals(List.of(-1.0, -1.5, -1.0, -2.5), scores(result));

        paths.clear();
        GreedyResult second = search(soup(2, 1, 4, -1.5), new Nearness(0));
        assertEquals(List.of("m1", "m3"), names(second.chosen()));
        assertEquals(-0.25, second.score());
        assertEquals("m1", names(List.of(second.bestIndividual().ingredient())).get(0));
        assertEquals(-Math.abs((2 + 1 + 4 - 1.5) / 4), second.uniformScore());
    }

    private static List<Double> scores(GreedyResult result) {
        return result.trials().stream().map(Trial::score).toList();
    }

    @Test
    void tiesAreOfferedInTheOrderGivenAndEqualScoresAreNotKept() throws Exception {
        GreedyResult result = search(soup(5, -2, 2, 2), new Nearness(0));
        assertEquals(
                List.of("m1", "m2", "m3", "m0"),
                names(result.trials().stream().map(Trial::ingredient).toList()));
        // -2 and 2 give 0; another 2 gives 2/3.
        assertEquals(List.of("m1", "m2"), names(result.chosen()));
    }

    @Test
    void minimizesALoss() throws Exception {
        GreedySoup soup = soup(2, 1, 4, -1.5)
                .withOptions(GreedyOptions.builder()
                        .objective(Objective.minimize("loss"))
                        .build());
        GreedyResult result = search(soup, new Nearness(0));
        assertEquals(List.of("m1", "m3"), names(result.chosen()));
        assertEquals("loss", result.metric());
        assertEquals(0.25, result.score());
        assertTrue(result.minimize());
    }

    @Test
    void aSecondPassOffersTheRejectedOnesAgain() throws Exception {
        // Target 0: 1, then 1.2 (1.1, no), then -1.3 (-0.15, kept); again 1.2: 0.9 / 3 = 0.3, no.
        // With -2.4 instead: (1 - 2.4) / 2 = -0.7, kept; again 1.2: -0.2 / 3, kept.
        GreedySoup soup = soup(1, 1.2, -2.4);
        assertEquals(List.of("m0", "m2"), names(search(soup, new Nearness(0)).chosen()));
        GreedyOptions twice = GreedyOptions.builder()
                .order(Order.BY_SCORE)
                .minGain(0)
                .maxIngredients(99)
                .passes(2)
                .build();
        assertEquals(
                List.of("m0", "m2", "m1"),
                names(search(soup.withOptions(twice), new Nearness(0)).chosen()));
    }

    @Test
    void orderGainAndSizeAreTheCallersToChoose() throws Exception {
        GreedySoup soup = soup(4, 1, -2, -1.5);
        GreedyOptions given = GreedyOptions.builder().order(Order.GIVEN).build();
        // 4; (4 + 1) / 2 = 2.5; (4 + 1 - 2) / 3 = 1; (4 + 1 - 2 - 1.5) / 4 = 0.375.
        assertEquals(List.of(-4.0, -2.5, -1.0, -0.375), scores(search(soup.withOptions(given), new Nearness(0))));
        GreedyOptions two = GreedyOptions.builder()
                .order(Order.GIVEN)
                .minGain(0)
                .maxIngredients(2)
                .passes(1)
                .build();
        assertEquals(
                List.of("m0", "m1"),
                names(search(soup.withOptions(two), new Nearness(0)).chosen()));
        GreedyOptions demanding = GreedyOptions.builder()
                .order(Order.GIVEN)
                .minGain(1.5)
                .maxIngredients(9)
                .passes(1)
                .build();
        // 2.5 is better by 1.5 only, not by more; then (4 - 2) / 2 = 1 is, by 3; (4 - 2 - 1.5) / 3 is not.
        assertEquals(
                List.of("m0", "m2"),
                names(search(soup.withOptions(demanding), new Nearness(0)).chosen()));
        GreedyOptions shuffled =
                GreedyOptions.builder().order(new Order.Shuffled(7)).build();
        assertEquals(
                scores(search(soup.withOptions(shuffled), new Nearness(0))),
                scores(search(soup.withOptions(shuffled), new Nearness(0))));
    }

    @Test
    void knownScoresAreNotMeasuredAgain() throws Exception {
        Nearness evaluator = new Nearness(0);
        GreedyOptions known =
                GreedyOptions.builder().scores(Map.of(0, 0.1, 1, 0.9, 2, 0.5)).build();
        GreedyResult result = search(soup(1, 2, -3).withOptions(known), evaluator);
        // The first soup, two trials and the uniform soup, whose order differs from the last trial's.
        assertEquals(4, evaluator.asked.size());
        assertEquals(
                List.of("m1", "m2", "m0"),
                names(result.trials().stream().map(Trial::ingredient).toList()));
        assertEquals(0.9, result.bestIndividual().score());
        assertThrows(
                SoupException.class,
                () -> search(
                        soup(9).withOptions(GreedyOptions.builder()
                                .scores(Map.of(0, 1.0))
                                .build()),
                        new Nearness(0)));
    }

    @Test
    void theSoupIsTheUniformSoupOfTheChosen() throws Exception {
        GreedyResult result = search(soup(2, 1, 4, -1.5), new Nearness(0));
        Path greedy = folder.resolve("greedy.safetensors");
        Path uniform = folder.resolve("uniform.safetensors");
        Checkpoint written = result.soup().write(greedy);
        UniformSoup.of(result.chosen()).write(uniform);
        assertTrue(Stockpot.compare(written, Stockpot.open(uniform), Run.defaults())
                .equal());
        assertEquals("greedy", written.metadata().get("soup.recipe"));
        assertEquals("2,4", written.metadata().get("soup.chosen"));
    }

    @Test
    void jobsGiveTheSameResult() throws Exception {
        GreedySoup soup = soup(2, 1, 4, -1.5, 3, -6, 0.5, 8);
        GreedyResult one = search(soup, new Nearness(0));
        GreedyResult four =
                search(soup.withOptions(GreedyOptions.builder().jobs(4).build()), new Nearness(0));
        assertEquals(scores(one), scores(four));
        assertEquals(names(one.chosen()), names(four.chosen()));
    }

    @Test
    void aFailureAmongJobsEndsTheSearch() throws Exception {
        Nearness failing = new Nearness(0);
        failing.failAfter = 3;
        GreedySoup soup = soup(2, 1, 4, -1.5, 3)
                .withOptions(GreedyOptions.builder().jobs(2).build());
        EvaluationException e = assertThrows(EvaluationException.class, () -> search(soup, failing));
        assertTrue(e.getMessage().contains(".safetensors"), e.getMessage());
    }

    @Test
    void everyEvaluationIsKeptWhereverTheSearchEnds() throws Exception {
        GreedySoup soup = soup(2, 1, 4, -1.5, 3);
        Nearness whole = new Nearness(0);
        List<Double> expected = scores(search(soup, whole));
        int all = whole.asked.size();
        for (int k = 0; k < all; k++) {
            JournalFile journal = JournalFile.at(folder.resolve("journal" + k));
            Nearness first = new Nearness(0);
            first.failAfter = k;
            assertThrows(EvaluationException.class, () -> search(soup.withJournal(journal), first));
            Nearness second = new Nearness(0);
            assertEquals(expected, scores(search(soup.withJournal(journal), second)));
            assertEquals(all - k, second.asked.size(), "evaluated twice after a stop at " + k);
        }
    }

    @Test
    void aLineThatACrashCutOffIsDropped() throws Exception {
        GreedySoup soup = soup(2, 1, 4);
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        search(soup.withJournal(journal), new Nearness(0));
        byte[] bytes = Files.readAllBytes(journal.path().get());
        for (int cut : new int[] {1, 2, 10}) {
            Files.write(journal.path().get(), java.util.Arrays.copyOf(bytes, bytes.length - cut));
            Nearness again = new Nearness(0);
            search(soup.withJournal(journal), again);
            assertEquals(1, again.asked.size());
            assertEquals(Files.readAllLines(journal.path().get()).size(), new String(bytes).split("\n").length);
        }
    }

    @Test
    void aJournalOfSomethingElseIsRefused() throws Exception {
        GreedySoup soup = soup(2, 1, 4);
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        search(soup.withJournal(journal), new Nearness(0));

        CheckpointException other =
                assertThrows(CheckpointException.class, () -> search(soup.withJournal(journal), new Nearness(1)));
        assertTrue(other.getMessage().contains("evaluator was nearness to 0.0 but now is nearness to 1.0"));
        assertEquals(Reason.JOURNAL_OF_OTHER, other.reason());

        CheckpointException fewer = assertThrows(
                CheckpointException.class,
                () -> search(Stockpot.greedy(paths.subList(0, 2)).withJournal(journal), new Nearness(0)));
        assertTrue(fewer.getMessage().contains("m2.safetensors"), fewer.getMessage());

        Files.setLastModifiedTime(paths.get(1), java.nio.file.attribute.FileTime.fromMillis(1));
        CheckpointException changed =
                assertThrows(CheckpointException.class, () -> search(soup.withJournal(journal), new Nearness(0)));
        assertTrue(changed.getMessage().contains("ingredient 2"), changed.getMessage());

        Nearness fresh = new Nearness(0);
        search(soup.withJournal(JournalFile.at(journal.path().get()).fresh(true)), fresh);
        assertEquals(6, fresh.asked.size());

        Files.writeString(journal.path().get(), "my notes\n");
        assertThrows(CheckpointException.class, () -> search(soup.withJournal(journal), new Nearness(0)));
        assertEquals("my notes\n", Files.readString(journal.path().get()));
    }

    @Test
    void aJournalInUseIsRefused() throws Exception {
        GreedySoup soup = soup(2, 1);
        JournalFile file = JournalFile.at(folder.resolve("journal"));
        try (var channel = java.nio.channels.FileChannel.open(
                        file.path().get(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            assertTrue(lock.isValid());
            CheckpointException e =
                    assertThrows(CheckpointException.class, () -> search(soup.withJournal(file), new Nearness(0)));
            assertTrue(e.getMessage().contains("in use"), e.getMessage());
        }
    }

    @Test
    void aJournalStaysLockedWhileItIsUsed() throws Exception {
        GreedySoup soup = soup(2, 1);
        JournalFile file = JournalFile.at(folder.resolve("journal"));
        search(soup.withJournal(file), new Nearness(0));
        List<Integer> exits = new ArrayList<>();
        soup.withJournal(file).search(new Nearness(0), Run.defaults(), new SearchListener() {
            @Override
            public void tried(Trial trial) {
                exits.add(lockElsewhere(file.path().get()));
            }
        });
        assertEquals(List.of(1, 1), exits);
        assertEquals(0, lockElsewhere(file.path().get()));
    }

    /** The exit code of another process that tries to lock the file. */
    private static int lockElsewhere(Path file) {
        try {
            return new ProcessBuilder(
                            "python3",
                            "-c",
                            "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)",
                            file.toString())
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void theListenerHearsOfEachTrialAsItEnds() throws Exception {
        List<String> heard = new ArrayList<>();
        AtomicInteger evaluations = new AtomicInteger();
        soup(2, 1, -1.5).search(new Nearness(0), Run.defaults(), new SearchListener() {
            @Override
            public void scored(Checkpoint ingredient, Scores scores, boolean kept) {
                heard.add("scored " + scores.main() + evaluations.incrementAndGet());
            }

            @Override
            public void tried(Trial trial) {
                heard.add(trial.accepted() ? "kept" : "left out");
            }
        });
        assertEquals(List.of("scored score1", "scored score2", "scored score3", "kept", "kept", "left out"), heard);
    }
}
