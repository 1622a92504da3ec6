package dev.stockpot.soup.descent;

import dev.stockpot.Evaluators;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Scores;
import dev.stockpot.fuzz.FuzzTarget;
import dev.stockpot.fuzz.Refusal;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.search.Journal;
import dev.stockpot.soup.search.Scorer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/** A journal: what is refused is not touched, and what is kept is the file's beginning. */
public final class JournalFuzz implements FuzzTarget {
    private static final Map<String, String> SETTINGS = Map.of("evaluator", "e");
    private static final Coefficients PATTERN = Coefficients.equal(2, 3, true);

    private final Path file = FuzzTarget.file(".journal.jsonl");

    @Override
    public void run(byte[] input) throws IOException {
        Files.write(file, input);
        try (Journal journal = Journal.open(JournalFile.at(file), note -> {})) {
            checkKept(input, journal);
            read(journal);
        } catch (CheckpointException e) {
            Refusal.check(e, input);
            if (!Arrays.equals(input, Files.readAllBytes(file))) {
                throw new AssertionError("refused, but changed", e);
            }
        }
    }

    /** Either the file's whole lines are kept, or nothing was in it but the start of a first line. */
    private void checkKept(byte[] input, Journal journal) throws IOException {
        byte[] kept = Files.readAllBytes(file);
        boolean begun = Arrays.mismatch(input, kept) == kept.length || Arrays.equals(input, kept);
        boolean anew = journal.entries().isEmpty() && new String(input, StandardCharsets.ISO_8859_1).indexOf('\n') < 0;
        if (!begun && !anew) {
            throw new AssertionError("changed what it kept");
        }
    }

    /** As a search by score and as a descent read it, which say whose line is damaged. */
    private static void read(Journal journal) {
        try {
            new Scorer(
                    Evaluators.of("e", candidate -> Scores.of("m", 0)), journal, SearchListener.silent(), note -> {});
        } catch (CheckpointException e) {
            check(e);
        }
        try {
            DescentJournal descent = DescentJournal.of(journal, SETTINGS, SearchListener.silent(), note -> {});
            descent.entries().forEach(entry -> DescentState.read(entry, PATTERN, 0.1, descent));
        } catch (CheckpointException e) {
            check(e);
        }
    }

    private static void check(CheckpointException e) {
        if (e.reason() != Reason.JOURNAL_DAMAGED) {
            throw new AssertionError(e);
        }
    }
}
