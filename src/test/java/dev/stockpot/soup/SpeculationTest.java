package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.EvaluatorOptions;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Order;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A greedy search whose next trials are scored side by side is the search that takes them one by one. */
class SpeculationTest extends GreedySearches {
    /** In the order given: 3, kept with 1, without 4 and 6, with -2, without 5 and 7, with -1. */
    private static final double[] VALUES = {3, 1, 4, 6, -2, 5, 7, -1};

    private static final String HELD_OUT = "src/test/resources/evaluate/heldout.safetensors";
    private static final List<Path> REAL = IntStream.range(0, 3)
            .mapToObj(i -> Path.of("examples/ingredients/model_0" + i + ".safetensors"))
            .toList();

    private static GreedyOptions options(int jobs) {
        // Their own scores are given, so that every evaluation is a trial's.
        return GreedyOptions.builder()
                .order(Order.GIVEN)
                .scores(Map.of(0, 0.0, 1, 0.0, 2, 0.0, 3, 0.0, 4, 0.0, 5, 0.0, 6, 0.0, 7, 0.0))
                .jobs(jobs)
                .build();
    }

    private GreedySoup soup() throws IOException {
        return soup(VALUES);
    }

    private static double value(Scores scores) {
        return scores.get("score").orElseThrow();
    }

    /** A journal's lines without the time that an evaluation took, and the checksum over it. */
    private static List<String> lines(JournalFile journal) throws IOException {
        return Files.readAllLines(journal.path().get()).stream()
                .map(line -> line.replaceAll(",\"seconds\".*|,\"crc32c\".*", ""))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 8})
    void trialsSoupAndJournalAreThoseOfOneByOne(int jobs) throws Exception {
        GreedySoup soup = soup();
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        JournalFile other = JournalFile.at(folder.resolve("other"));
        GreedyResult one = search(soup.withOptions(options(1)).withJournal(journal), new Nearness(0));
        assertEquals(List.of("m0", "m1", "m4", "m7"), names(one.chosen()));
        GreedyResult ahead = search(soup.withOptions(options(jobs)).withJournal(other), new Nearness(0));
        assertEquals(scores(one), scores(ahead));
        assertEquals(names(one.chosen()), names(ahead.chosen()));
        assertEquals(lines(journal), lines(other));
    }

    @Test
    void asManyAreUnderWayAsThereAreJobs() throws Exception {
        CountDownLatch together = new CountDownLatch(3);
        Nearness waiting = new Nearness(0) {
            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                if (candidate.name().contains("ingredients")) {
                    together.countDown();
                    assertTrue(together.await(30, TimeUnit.SECONDS), "three trials do not come together");
                }
                return super.evaluate(candidate);
            }
        };
        search(soup().withOptions(options(3)), waiting);
    }

    /** The soup of 3, 1 and 4, which 1 makes needless, fails; the search never comes to it. */
    @Test
    void aFailureThatTheSearchDoesNotComeToIsNone() throws Exception {
        CountDownLatch failed = new CountDownLatch(1);
        Nearness failing = new Nearness(0) {
            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                Scores scores = super.evaluate(candidate);
                if (value(scores) == -(3.0 + 4) / 2) {
                    failed.countDown();
                    throw new EvaluationException(Reason.FAILED, "no score");
                }
                if (value(scores) == -(3.0 + 1) / 2) {
                    assertTrue(failed.await(30, TimeUnit.SECONDS), "the other is not tried ahead");
                }
                return scores;
            }
        };
        GreedyResult ahead = search(soup().withOptions(options(4)), failing);
        assertEquals(List.of("m0", "m1", "m4", "m7"), names(ahead.chosen()));
    }

    /** Wherever it ends: what it goes on with is the same search, and repeats no evaluation that was done. */
    @Test
    void goesOnWhereverItWasStopped() throws Exception {
        GreedySoup soup = soup();
        GreedyResult whole = search(soup.withOptions(options(1)), new Nearness(0));
        for (int stop = 0; stop < 12; stop++) {
            JournalFile journal = JournalFile.at(folder.resolve("journal" + stop));
            Nearness first = new Nearness(0);
            first.failAfter = stop;
            try {
                search(soup.withOptions(options(4)).withJournal(journal), first);
            } catch (EvaluationException e) {
                assertEquals(Reason.FAILED, e.reason());
            }
            Nearness second = new Nearness(0);
            GreedyResult rest = search(soup.withOptions(options(2)).withJournal(journal), second);
            assertEquals(scores(whole), scores(rest));
            assertEquals(names(whole.chosen()), names(rest.chosen()));
        }
    }

    @Test
    void whatIsDoneWhenATrialFailsIsKept() throws Exception {
        CountDownLatch others = new CountDownLatch(3);
        Nearness failing = new Nearness(0) {
            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                Scores scores = super.evaluate(candidate);
                if (value(scores) == -(3.0 + 1) / 2) {
                    assertTrue(others.await(30, TimeUnit.SECONDS));
                    throw new EvaluationException(Reason.FAILED, "no score");
                }
                if (candidate.name().contains("2 ingredients")) {
                    others.countDown();
                }
                return scores;
            }
        };
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        GreedySoup soup = soup().withOptions(options(4)).withJournal(journal);
        assertThrows(EvaluationException.class, () -> search(soup, failing));
        List<String> kept = lines(journal).stream()
                .filter(line -> line.contains("2 ingredients"))
                .map(line -> line.replaceAll(".*/(m\\d).*", "$1"))
                .collect(Collectors.toList());
        assertEquals(List.of("m2", "m3", "m4"), kept);
    }

    @Test
    void nothingRunsAnyMoreWhenTheSearchIsInterrupted() throws Exception {
        List<String> ended = Collections.synchronizedList(new ArrayList<>());
        Thread searching = Thread.currentThread();
        CountDownLatch together = new CountDownLatch(4);
        Nearness hanging = new Nearness(0) {
            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                if (!candidate.name().contains("ingredients")) {
                    return super.evaluate(candidate);
                }
                together.countDown();
                try {
                    together.await();
                    if (candidate.name().endsWith("m3.safetensors")) {
                        searching.interrupt();
                    }
                    Thread.sleep(60_000);
                    return super.evaluate(candidate);
                } finally {
                    ended.add(candidate.name());
                }
            }
        };
        assertThrows(InterruptedException.class, () -> search(soup().withOptions(options(4)), hanging));
        assertEquals(4, ended.size());
    }

    /** Each process that runs beside others has a number of its own, below the number of jobs, in which it finds its GPU. */
    @ParameterizedTest
    @ValueSource(strings = {"cmd", "worker"})
    void processesSideBySideHaveNumbersOfTheirOwn(String kind) throws Exception {
        Path seen = Files.createDirectory(folder.resolve("seen"));
        // A second process of the same number would not be able to make the folder.
        String once =
                "mkdir " + seen + "/busy$STOCKPOT_JOB || exit 9; touch " + seen + "/job$STOCKPOT_JOB; sleep 0.2; ";
        String spec = kind.equals("cmd")
                ? "cmd:sh -c '" + once + "rmdir " + seen + "/busy$STOCKPOT_JOB; echo 1' {checkpoint}"
                : "worker:sh -c '" + once + "exec python3 -B tools/evaluators/numpy_worker.py " + HELD_OUT + "'";
        List<Path> models = kind.equals("cmd") ? paths : REAL;
        soup(VALUES);
        try (Evaluator evaluator =
                Evaluators.open(spec, EvaluatorOptions.builder().jobs(3).build())) {
            GreedyOptions three = GreedyOptions.builder().jobs(3).build();
            search(Stockpot.greedy(models).withOptions(three), evaluator);
        }
        try (Stream<Path> numbers = Files.list(seen)) {
            assertEquals(
                    List.of("job0", "job1", "job2"),
                    numbers.map(path -> path.getFileName().toString())
                            .filter(name -> name.startsWith("job"))
                            .sorted()
                            .toList());
        }
    }

    @Test
    void theListenerHearsOfTrialsInTheirOrder() throws Exception {
        List<String> tried = new ArrayList<>();
        soup().withOptions(options(8)).search(new Nearness(0), Run.defaults(), new SearchListener() {
            @Override
            public void tried(Trial trial) {
                tried.addAll(names(List.of(trial.ingredient())));
            }
        });
        assertEquals(List.of("m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"), tried);
    }
}
