package dev.stockpot.soup.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.system.Jobs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir
    Path folder;

    private static Journal open(Path file) {
        return Journal.open(JournalFile.at(file), note -> {});
    }

    @Test
    void aLinkIsNotFollowed() throws Exception {
        Path other = folder.resolve("other");
        Path link = Files.createSymbolicLink(folder.resolve("journal"), other);
        for (boolean isThere : new boolean[] {false, true}) {
            if (isThere) {
                try (Journal journal = open(other)) {
                    journal.add(json -> json.writeNumberField("first", 1));
                }
            }
            CheckpointException e =
                    assertThrows(CheckpointException.class, () -> open(link).close());
            assertEquals(Reason.JOURNAL_OF_OTHER, e.reason());
            assertTrue(e.getMessage().endsWith("it is a link, which is not followed"), e.getMessage());
            assertEquals(isThere, Files.exists(other), "made through the link");
        }
    }

    @Test
    void anInterruptedThreadKeepsItsJournal() {
        Path file = folder.resolve("journal");
        Thread.currentThread().interrupt();
        try (Journal journal = open(file)) {
            journal.add(json -> json.writeNumberField("first", 1));
            assertTrue(Thread.interrupted(), "still interrupted");
            journal.add(json -> json.writeNumberField("second", 2));
        }
        try (Journal journal = open(file)) {
            assertEquals(List.of("{\"first\":1}", "{\"second\":2}"), journal.entries());
        }
    }

    @Test
    void noLineIsLostThatOneOfSeveralRunsAddsToASharedJournal() throws Exception {
        JournalFile shared = JournalFile.shared(folder.resolve("new folder"));
        int runs = 4;
        int lines = 50;
        Jobs.run(runs, runs, run -> {
            try (Journal journal = Journal.open(shared, note -> {})) {
                for (int line = 0; line < lines; line++) {
                    journal.add(json -> json.writeNumberField("by", run));
                }
            }
        });
        try (Journal journal = Journal.open(shared, note -> {})) {
            for (int run = 0; run < runs; run++) {
                assertEquals(lines, Collections.frequency(journal.entries(), "{\"by\":" + run + "}"));
            }
        }
    }
}
