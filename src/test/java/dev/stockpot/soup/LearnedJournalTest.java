package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.SoupException;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.run.Run;
import dev.stockpot.run.RunListener;
import dev.stockpot.soup.options.Granularity;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.LearnedOptions;
import dev.stockpot.soup.options.Objective;
import dev.stockpot.soup.options.SearchListener;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A descent that is cut off resumes from its journal. */
class LearnedJournalTest extends Descents {
    @Test
    void whereverItIsStoppedItEndsInTheSameBits() throws Exception {
        LearnedSoup soup = soup(1, 3, -2).withOptions(options(3, 7));
        Squares whole = new Squares();
        LearnedResult expected = learn(soup, whole);
        assertEquals(9, whole.steps);
        for (int k = 0; k < 9; k++) {
            JournalFile journal = JournalFile.at(folder.resolve("journal" + k));
            Squares first = new Squares();
            first.failAt = k;
            assertThrows(EvaluationException.class, () -> learn(soup.withJournal(journal), first));
            Squares second = new Squares();
            LearnedResult result = learn(soup.withJournal(journal), second);
            assertEquals(9 - k / 3 * 3, second.steps, "steps after a stop at " + k);
            assertEquals(expected.alpha(), result.alpha());
            assertEquals(expected.beta(), result.beta());
            for (int e = 0; e < 3; e++) {
                assertEquals(
                        expected.epochs().get(e).stepLosses(),
                        result.epochs().get(e).stepLosses());
            }
        }
    }

    @Test
    void moreEpochsGoOnFromTheJournal() throws Exception {
        LearnedSoup soup = soup(1, 3, -2);
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        learn(soup.withOptions(options(2, 7)).withJournal(journal), new Squares());
        Squares more = new Squares();
        LearnedResult result = learn(soup.withOptions(options(3, 7)).withJournal(journal), more);
        assertEquals(3, more.steps);
        assertEquals(learn(soup.withOptions(options(3, 7)), new Squares()).alpha(), result.alpha());
        LearnedOptions other = LearnedOptions.builder()
                .granularity(Granularity.TENSOR)
                .softmax(true)
                .learningRate(0.01)
                .epochs(2)
                .batchSize(7)
                .shuffle(true)
                .seed(3)
                .earlyStop(0, 2)
                .build();
        List<String> notes = new ArrayList<>();
        Run run = Run.builder().listener(noting(notes)).build();
        Squares anew = new Squares();
        soup.withOptions(other).withJournal(journal).learn(anew, run, SearchListener.silent());
        assertEquals(6, anew.steps);
        assertTrue(notes.get(notes.size() - 1).endsWith("its learning rate was 0.05 but now is 0.01"), notes::toString);
        // Both are kept.
        for (LearnedOptions options : List.of(other, options(3, 7))) {
            Squares again = new Squares();
            learn(soup.withOptions(options).withJournal(journal), again);
            assertEquals(0, again.steps);
        }
    }

    private static RunListener noting(List<String> notes) {
        return new RunListener() {
            @Override
            public void note(String message) {
                notes.add(message);
            }
        };
    }

    @Test
    void aGradientThatIsNotANumberStopsWithStepAndBatch() throws Exception {
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        LearnedSoup soup = soup(1, 3).withOptions(options(3, 7)).withJournal(journal);
        Squares evaluator = new Squares();
        evaluator.nanAt = 4;
        SoupException e = assertThrows(SoupException.class, () -> learn(soup, evaluator));
        assertTrue(e.getMessage().contains("step 5 (epoch 2, batch 2)"), e.getMessage());
        List<String> lines = Files.readAllLines(journal.path().get());
        assertTrue(lines.get(lines.size() - 1).contains("\"stopped\":\"step 5"), lines::toString);
        assertTrue(lines.get(lines.size() - 1).contains("\"alpha\":[[0."), lines::toString);
        // The cause of the stop is gone: the run resumes after the first epoch.
        Squares well = new Squares();
        learn(soup, well);
        assertEquals(6, well.steps);
    }

    @Test
    void evolutionRepeatsItselfFromTheJournal() throws Exception {
        LearnedSoup soup = soup(1, 3, -2);
        Objective loss = Objective.minimize("loss");
        LearnedResult whole = soup.search(new Squares(), loss, 30, Run.defaults(), SearchListener.silent());
        assertFalse(whole.isWorse());
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        soup.withJournal(journal).search(new Squares(), loss, 11, Run.defaults(), SearchListener.silent());
        int[] counts = new int[2];
        LearnedResult resumed = soup.withJournal(journal)
                .search(new Squares(), loss, 30, Run.defaults(), new SearchListener() {
                    @Override
                    public void searched(int evaluation, int evaluations, Scores scores, boolean kept) {
                        counts[kept ? 0 : 1]++;
                    }
                });
        assertArrayEquals(new int[] {11, 19}, counts);
        assertEquals(whole.alpha(), resumed.alpha());
    }
}
