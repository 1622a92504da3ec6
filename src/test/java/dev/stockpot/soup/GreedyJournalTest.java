package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.JournalFile;
import dev.stockpot.soup.options.SearchListener;
import dev.stockpot.soup.options.Trial;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A greedy search that is cut off resumes where it stopped. */
class GreedyJournalTest extends GreedySearches {
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
    void aFileThatIsNoJournalIsLeftAsItIs() throws Exception {
        GreedySoup soup = soup(2, 1, 4);
        Path file = folder.resolve("journal");
        for (String text : new String[] {"my notes\n", "my notes, no newline", "{\"a\": 1}", "{"}) {
            for (boolean fresh : new boolean[] {false, true}) {
                JournalFile journal = JournalFile.at(file).fresh(fresh);
                Files.writeString(file, text);
                if (text.equals("{")) {
                    // A crash within the first write leaves as little.
                    search(soup.withJournal(journal), new Nearness(0));
                } else {
                    CheckpointException e = assertThrows(
                            CheckpointException.class, () -> search(soup.withJournal(journal), new Nearness(0)));
                    assertEquals(Reason.JOURNAL_OF_OTHER, e.reason());
                    assertEquals(text, Files.readString(file));
                }
            }
        }
    }

    @Test
    void aFileTooLargeForAJournalIsRefused() throws Exception {
        Path file = folder.resolve("journal");
        Files.writeString(file, "{\"stockpot_journal\"");
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(3L << 30);
        }
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> search(soup(2, 1, 4).withJournal(JournalFile.at(file)), new Nearness(0)));
        assertEquals(Reason.JOURNAL_OF_OTHER, e.reason());
        assertEquals(3L << 30, Files.size(file));
    }

    @Test
    void aLineThatIsNotUtf8IsDamagedAndNothingIsAppended() throws Exception {
        GreedySoup soup = soup(2, 1, 4);
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        search(soup.withJournal(journal), new Nearness(0));
        byte[] bytes = Files.readAllBytes(journal.path().get());
        bytes[bytes.length - 3] = (byte) 0xFF;
        Files.write(journal.path().get(), bytes);
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> search(soup.withJournal(journal), new Nearness(0)));
        assertEquals(Reason.JOURNAL_DAMAGED, e.reason());
        assertArrayEquals(bytes, Files.readAllBytes(journal.path().get()));
    }

    /** Whatever bit of it the disk turns over: the search ends in the same soup, or says that the journal is damaged. */
    @Test
    void aBitThatHasTurnedOverMakesNoOtherSoup() throws Exception {
        GreedySoup soup = soup(2, 1, 4, -1.5);
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        Path file = journal.path().get();
        GreedyResult whole = search(soup.withJournal(journal), new Nearness(0));
        byte[] bytes = Files.readAllBytes(file);
        int cut = 0;
        for (int at = 0; at < bytes.length; at++) {
            byte[] turned = bytes.clone();
            turned[at] ^= (byte) (1 << at % 8);
            Files.write(file, turned);
            try {
                GreedyResult again = search(soup.withJournal(journal), new Nearness(0));
                assertEquals(scores(whole), scores(again));
                assertEquals(whole.individual(), again.individual());
                cut++;
            } catch (CheckpointException e) {
                assertTrue(
                        List.of(Reason.JOURNAL_DAMAGED, Reason.JOURNAL_OF_OTHER).contains(e.reason()));
                assertArrayEquals(turned, Files.readAllBytes(file), "byte " + at);
            }
        }
        // Only without its end is a line one that a crash has cut off.
        assertEquals(1, cut);
    }

    @Test
    void eachLineHasItsChecksum() throws Exception {
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        search(soup(2, 1).withJournal(journal), new Nearness(0));
        for (String line : Files.readAllLines(journal.path().get())) {
            int end = line.lastIndexOf(',');
            String checksum =
                    String.format("%08x", crc32c(line.substring(0, end).getBytes(StandardCharsets.UTF_8)));
            assertEquals(",\"crc32c\":\"" + checksum + "\"}", line.substring(end));
        }
    }

    /** CRC-32C (RFC 3720, appendix B.4), bit by bit. */
    private static int crc32c(byte[] bytes) {
        int crc = -1;
        for (byte b : bytes) {
            crc ^= b & 0xFF;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : 0x82F63B78);
            }
        }
        return ~crc;
    }

    @Test
    void aJournalOfAnotherVersionIsRefusedAsItIs() throws Exception {
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        String old = "{\"stockpot_journal\":\"2\",\"evaluator\":\"nearness to 0.0\"}\n{\"ingredients\":[1]}\n";
        Files.writeString(journal.path().get(), old);
        CheckpointException e =
                assertThrows(CheckpointException.class, () -> search(soup(2, 1).withJournal(journal), new Nearness(0)));
        assertEquals(Reason.JOURNAL_OF_OTHER, e.reason());
        assertTrue(e.getMessage().endsWith("another version of Stockpot wrote it"), e.getMessage());
        assertEquals(old, Files.readString(journal.path().get()));
        Nearness fresh = new Nearness(0);
        search(soup(2, 1).withJournal(journal.fresh(true)), fresh);
        assertTrue(fresh.asked.size() > 0);
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

    /** A checkpoint in memory has no modification time: its values identify it. */
    @Test
    void aJournalKnowsIngredientsInMemoryByTheirValues() throws Exception {
        JournalFile journal = JournalFile.at(folder.resolve("journal"));
        search(inMemory(2, 1, -3).withJournal(journal), new Nearness(0));
        Nearness again = new Nearness(0);
        search(inMemory(2, 1, -3).withJournal(journal), again);
        assertEquals(List.of(), again.asked);
        // -4 alone, and with both others.
        search(inMemory(2, 1, -4).withJournal(journal), again);
        assertEquals(
                List.of(-4.0, (1.0 - 4) / 2, (2.0 + 1 - 4) / 3),
                again.asked.stream().distinct().toList());
    }

    private static GreedySoup inMemory(double... values) {
        List<Checkpoint> models = new ArrayList<>();
        for (double value : values) {
            ByteBuffer bytes = ByteBuffer.wrap(TestFiles.Tensor.f64("[]", value).values());
            models.add(Checkpoint.inMemory("model " + models.size())
                    .put("w", DType.F64, List.of(), bytes)
                    .build());
        }
        return GreedySoup.of(models);
    }
}
