package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.GreedyOptions;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.Order;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GreedySoupTest extends GreedySearches {
    @Test
    void keepsWhatMakesTheSoupBetter() throws Exception {
        // Target 0. Scores: 1 (m1), 2 (m0), 3 (m3), 4 (m2). 1 alone: 1; with 2: 1.5, no; with -3: -1, as good, no;
        // with 4: no. In the second set, -1.5 replaces -3: (1 - 1.5) / 2 = -0.25, kept.
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

    @Test
    void tiesAreOfferedInTheOrderGivenAndEqualScoresAreNotKept() throws Exception {
        GreedyResult result = search(soup(5, -2, 2, 2), new Nearness(0));
        assertEquals(
                List.of("m1", "m2", "m3", "m0"),
                names(result.trials().stream().map(Trial::ingredient).toList()));
        // -2 and 2 give 0; another 2 gives 2/3.
        assertEquals(List.of("m1", "m2"), names(result.chosen()));
    }

    /** Recipe 1 of the paper, line 5: "if ValAcc(average(ingredients + theta_i)) >= ValAcc(average(ingredients))". */
    @Test
    void equalScoresAreKeptIfTiesAreAccepted() throws Exception {
        // 1; with 2: 1.5, no; with -3: -1, as good, kept; with 4 as well: 2/3, kept.
        GreedySoup strict = soup(2, 1, 4, -3);
        GreedyOptions ties = GreedyOptions.builder().acceptTies(true).build();
        GreedyResult result = search(strict.withOptions(ties), new Nearness(0));
        assertEquals(List.of(-1.0, -1.5, -1.0, -(1.0 - 3 + 4) / 3), scores(result));
        assertEquals(List.of("m1", "m3", "m2"), names(result.chosen()));
        assertEquals("accepted", result.soup().recipe().get("soup.ties"));
        assertFalse(search(strict, new Nearness(0)).soup().recipe().containsKey("soup.ties"));

        GreedyOptions loss =
                ties.toBuilder().objective(Objective.minimize("loss")).build();
        assertEquals(
                result.coefficients(),
                search(strict.withOptions(loss), new Nearness(0)).coefficients());
        // 2; 1.5, better by just 0.5; 7/3, no; (2 + 1 - 3) / 3 = 0.
        GreedyOptions half = ties.toBuilder().order(Order.GIVEN).minGain(0.5).build();
        assertEquals(
                List.of("m0", "m1", "m3"),
                names(search(strict.withOptions(half), new Nearness(0)).chosen()));
    }

    /** What is kept of a search are scores, not decisions. */
    @Test
    void aJournalServesASearchThatDecidesOtherwise() throws Exception {
        GreedySoup soup = soup(2, 1, 4, -3).withJournal(JournalFile.at(folder.resolve("journal")));
        GreedyOptions ties = GreedyOptions.builder().acceptTies(true).build();
        search(soup, new Nearness(0));
        Nearness evaluator = new Nearness(0);
        GreedyResult result = search(soup.withOptions(ties), evaluator);
        assertEquals(List.of("m1", "m3", "m2"), names(result.chosen()));
        assertEquals(1, evaluator.asked.size());
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
        Set<List<Integer>> orders = new HashSet<>();
        for (int seed = 0; seed < 30; seed++) {
            orders.add(new Order.Shuffled(seed).of(3, i -> i, false));
        }
        assertEquals(
                Set.of(
                        List.of(0, 1, 2),
                        List.of(0, 2, 1),
                        List.of(1, 0, 2),
                        List.of(1, 2, 0),
                        List.of(2, 0, 1),
                        List.of(2, 1, 0)),
                orders);
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
    void theListenerHearsOfEachTrialAsItEnds() throws Exception {
        List<String> events = new ArrayList<>();
        AtomicInteger evaluations = new AtomicInteger();
        soup(2, 1, -1.5).search(new Nearness(0), Run.defaults(), new SearchListener() {
            @Override
            public void scored(Checkpoint ingredient, Scores scores, boolean kept) {
                events.add("scored " + scores.main() + evaluations.incrementAndGet());
            }

            @Override
            public void tried(Trial trial) {
                events.add(trial.accepted() ? "kept" : "left out");
            }
        });
        assertEquals(List.of("scored score1", "scored score2", "scored score3", "kept", "kept", "left out"), events);
    }
}
