package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Evaluators;
import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.diagnose.Diagnosis;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.Evaluator;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.CandidateOptions;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What has been measured once is not measured again, whatever else has changed. */
class KnownScoresTest extends GreedySearches {
    private JournalFile journal() {
        return JournalFile.at(folder.resolve("journal"));
    }

    @Test
    void oneMoreIngredientCostsItsOwnEvaluations() throws Exception {
        search(soup(2, 1, 4).withJournal(journal()), new Nearness(0));
        Nearness more = new Nearness(0);
        search(soup(-9).withJournal(journal()), more);
        // By itself, with the best, and all.
        assertEquals(List.of(-9.0, (1 - 9) / 2.0, (2 + 1 + 4 - 9) / 4.0), more.asked);
        Nearness fewer = new Nearness(0);
        search(Stockpot.greedy(paths.subList(0, 3)).withJournal(journal()), fewer);
        assertEquals(List.of(), fewer.asked);
    }

    @Test
    void filesThatWereMovedOrTouchedAreKnown() throws Exception {
        search(soup(2, 1, 4).withJournal(journal()), new Nearness(0));
        Path moved = Files.createDirectory(folder.resolve("moved"));
        for (int i = 0; i < 3; i++) {
            Path to = Files.move(paths.get(i), moved.resolve(i + ".safetensors"));
            Files.setLastModifiedTime(to, FileTime.fromMillis(1));
            paths.set(i, to);
        }
        Nearness again = new Nearness(0);
        search(Stockpot.greedy(paths).withJournal(journal()), again);
        assertEquals(List.of(), again.asked);
        // Another content under the same name is not.
        TestFiles.write(paths.get(2), Map.of("w", TestFiles.Tensor.f64("[]", 5)));
        search(Stockpot.greedy(paths).withJournal(journal()), again);
        assertEquals(List.of(5.0, (1 + 5) / 2.0, (2 + 1 + 5) / 3.0), again.asked);
    }

    @Test
    void anotherOutputTypeCostsTheSoupsInIt() throws Exception {
        GreedySoup soup = soup(2, 1, 4.1).withJournal(journal());
        search(soup, new Nearness(0));
        CandidateOptions narrow = CandidateOptions.builder().dtype(DType.BF16).build();
        List<DType> asked = new ArrayList<>();
        Evaluator recording = Evaluators.of("nearness to 0.0", candidate -> {
            asked.add(candidate.tensors().get("w").dtype());
            return Scores.of("score", asked.size());
        });
        search(soup.withCandidates(narrow), recording);
        // The best to start from, two additions, and all. The ingredients by themselves are known.
        assertEquals(Collections.nCopies(4, DType.BF16), asked);
        CandidateOptions own = CandidateOptions.builder().dtype(DType.F64).build();
        search(soup.withCandidates(own), recording);
        assertEquals(4, asked.size(), "the ingredients' own type");
    }

    @Test
    void anotherEvaluatorsScoresAreKeptAndSaidNotToBeUsed() throws Exception {
        GreedySoup soup = soup(2, 1, 4).withJournal(journal());
        search(soup, new Nearness(0));
        List<String> notes = new ArrayList<>();
        Run run = Run.builder()
                .listener(new RunListener() {
                    @Override
                    public void note(String message) {
                        notes.add(message);
                    }
                })
                .build();
        Nearness other = new Nearness(1);
        soup.search(other, run, SearchListener.silent());
        assertEquals(6, other.asked.size());
        assertTrue(notes.get(0).endsWith("not used: they are by another evaluator, nearness to 0.0"), notes::toString);
        Nearness first = new Nearness(0);
        search(soup, first);
        assertEquals(List.of(), first.asked);
    }

    @Test
    void whatFailsAtItsFirstCandidateLeavesNothing() throws Exception {
        Nearness failing = new Nearness(7);
        failing.failAfter = 0;
        GreedySoup soup = soup(2, 1).withJournal(journal());
        assertThrows(EvaluationException.class, () -> search(soup, failing));
        assertFalse(Files.exists(journal().path().get()));
        search(soup, new Nearness(0));
    }

    /** As an evaluator that was not asked for it may not have said it. */
    @Test
    void aKnownScoreWithoutTheMetricThatDecidesIsMeasuredAgain() throws Exception {
        GreedySoup soup = soup(2, 1, 4).withJournal(journal());
        search(soup, new Nearness(0) {
            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                return Scores.of(
                        "accuracy", super.evaluate(candidate).get("score").orElseThrow());
            }
        });
        GreedySoup byLoss = soup.withOptions(
                GreedyOptions.builder().objective(Objective.minimize("loss")).build());
        Nearness again = new Nearness(0);
        search(byLoss, again);
        assertEquals(6, again.asked.size());
        search(byLoss, again);
        search(soup, again);
        assertEquals(6, again.asked.size());
    }

    /** A command prints it so, and {@code --metric} says what it is. */
    @Test
    void aKnownNumberWithoutANameIsTheMetricThatDecides() throws Exception {
        GreedySoup soup = soup(2, 1, 4)
                .withJournal(journal())
                .withOptions(GreedyOptions.builder()
                        .objective(Objective.maximize("accuracy"))
                        .build());
        Nearness number = new Nearness(0) {
            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                return Scores.of(
                        Scores.UNNAMED, super.evaluate(candidate).get("score").orElseThrow());
            }
        };
        search(soup, number);
        assertEquals(6, number.asked.size());
        search(soup, number);
        assertEquals(6, number.asked.size());
    }

    @Test
    void theListenerHearsHowManyAreOnTheDisk() throws Exception {
        List<Integer> counts = new ArrayList<>();
        SearchListener listener = new SearchListener() {
            @Override
            public void saved(Path file, int count) {
                assertEquals(journal().path().get(), file);
                counts.add(count);
            }
        };
        GreedySoup soup = soup(2, 1, 4);
        soup.withJournal(journal()).search(new Nearness(0), Run.defaults(), listener);
        assertEquals(List.of(1, 2, 3, 4, 5, 6), counts);
        soup.search(new Nearness(0), Run.defaults(), listener);
        assertEquals(6, counts.size(), "without a journal");
    }

    @Test
    void allCommandsShareWhatTheyKnow() throws Exception {
        JournalFile shared = JournalFile.shared(folder.resolve("a cache"));
        soup(2, 1, 4);
        List<Checkpoint> models = Stockpot.openAll(paths, OpenOptions.defaults());
        Nearness evaluator = new Nearness(0);
        Stockpot.evaluate(
                models, evaluator, 2, CandidateOptions.defaults(), shared, Run.defaults(), SearchListener.silent());
        assertEquals(3, evaluator.asked.size());
        search(GreedySoup.of(models).withJournal(shared), evaluator);
        assertEquals(3 + 3, evaluator.asked.size());
        Diagnosis.of(models).withJournal(shared).run(evaluator, Run.defaults(), SearchListener.silent());
        // Three points on each of two lines; the uniform soup is known.
        assertEquals(6 + 6, evaluator.asked.size());
        LearnedSoup learned = LearnedSoup.of(models).withJournal(shared);
        learned.search(evaluator, Objective.MAIN, 5, Run.defaults(), SearchListener.silent());
        // The optimizer begins with the soup that it starts from.
        assertEquals(12 + 4, evaluator.asked.size());
        learned.search(evaluator, Objective.MAIN, 5, Run.defaults(), SearchListener.silent());
        assertEquals(12 + 4, evaluator.asked.size());

        // Fresh only adds to what others share; what was measured last counts.
        long before = Files.size(shared.path().get());
        search(GreedySoup.of(models).withJournal(shared.fresh(true)), evaluator);
        assertEquals(16 + 6, evaluator.asked.size());
        assertTrue(Files.size(shared.path().get()) > before);
    }

    @Test
    void runsShareAJournalAtTheSameTime() throws Exception {
        JournalFile shared = JournalFile.shared(folder.resolve("cache"));
        GreedySoup soup = soup(IntStream.range(0, 12)
                        .mapToDouble(i -> 3.5 * i - 20)
                        .toArray())
                .withJournal(shared);
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            List<Future<GreedyResult>> runs = new ArrayList<>();
            for (int target = 0; target < 3; target++) {
                Nearness evaluator = new Nearness(target);
                runs.add(pool.submit(() -> search(soup, evaluator)));
            }
            for (Future<GreedyResult> run : runs) {
                run.get();
            }
        } finally {
            pool.shutdownNow();
        }
        for (int target = 0; target < 3; target++) {
            Nearness again = new Nearness(target);
            search(soup, again);
            assertEquals(List.of(), again.asked);
        }
    }

    @Test
    void whatAKilledRunLeavesOfALineIsCutOffByWhoeverComesNext() throws Exception {
        JournalFile shared = JournalFile.shared(folder.resolve("cache"));
        GreedySoup soup = soup(2, 1, 4).withJournal(shared);
        Nearness torn = new Nearness(0) {
            @Override
            public Scores evaluate(Candidate candidate) throws InterruptedException {
                try {
                    Files.writeString(
                            shared.path().get(),
                            "{\"candidate\":\"ab",
                            StandardOpenOption.CREATE,
                            StandardOpenOption.APPEND);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return super.evaluate(candidate);
            }
        };
        search(soup, torn);
        Nearness again = new Nearness(0);
        search(soup, again);
        assertEquals(List.of(), again.asked);
    }

    @Test
    void aSoupOfOneSaysHowFarTheBestAdditionWas() throws Exception {
        // 1 alone; with 2: 1.5; with 4: 2.5. All: 7/3.
        GreedyResult one = search(soup(2, 1, 4), new Nearness(0));
        assertEquals(-1.5, one.bestAddition().orElseThrow().score());
        assertEquals(paths.get(0), one.bestAddition().orElseThrow().ingredient().path());
        assertFalse(one.isUniformBetter());
        paths.clear();
        // 1 alone; with 4: 2.5; with -6: -2.5. All: -1/3.
        GreedyResult beaten = search(soup(4, 1, -6), new Nearness(0));
        assertTrue(beaten.isUniformBetter());
        assertEquals(3, beaten.uniformSoup().ingredients().size());
        Path uniform = folder.resolve("uniform.safetensors");
        beaten.uniformSoup().write(uniform);
        Path plain = folder.resolve("plain.safetensors");
        Stockpot.uniform(paths).write(plain);
        assertEquals(-1, Files.mismatch(uniform, plain));
        paths.clear();
        assertTrue(search(soup(2, 1, 4, -1.5), new Nearness(0)).bestAddition().isEmpty(), "it holds two");
    }
}
