package dev.stockpot.error;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StockpotExceptionTest {
    private static final Details ALL = Details.of()
            .tensor("w")
            .number("needed", 8L)
            .number("free", 4L)
            .choices(List.of("a", "b"))
            .hint("free some")
            .cause(new IOException("full"));

    @Test
    void aProgramReadsWhatTheMessageSays() {
        CheckpointException e = new CheckpointException(Reason.NO_ROOM, Path.of("soup"), "needs 8 bytes", ALL);
        assertEquals("soup: needs 8 bytes", e.getMessage());
        assertEquals(Reason.NO_ROOM, e.reason());
        assertEquals(Optional.of(Path.of("soup")), e.file());
        assertEquals(Optional.of("w"), e.tensor());
        assertEquals(Map.of("needed", 8L, "free", 4L), e.numbers());
        assertEquals(List.of("a", "b"), e.choices());
        assertEquals(Optional.of("free some"), e.hint());
        assertEquals("full", e.getCause().getMessage());
        assertThrows(UnsupportedOperationException.class, () -> e.numbers().clear());
        assertThrows(UnsupportedOperationException.class, () -> e.choices().clear());
    }

    @Test
    void whatIsNotKnownIsEmpty() {
        SoupException e = new SoupException(Reason.NO_INGREDIENTS, "there are no ingredients");
        assertEquals(Optional.empty(), e.file());
        assertEquals(Optional.empty(), e.tensor());
        assertEquals(Optional.empty(), e.hint());
        assertEquals(Map.of(), e.numbers());
        assertEquals(List.of(), e.choices());
        assertSame(null, e.getCause());
    }

    /** Frameworks that move work to other machines serialize exceptions. */
    @Test
    void reasonAndMessageSurviveSerialization() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new CheckpointException(Reason.NO_ROOM, Path.of("soup"), "needs 8 bytes", ALL));
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            CheckpointException e = (CheckpointException) in.readObject();
            assertEquals("soup: needs 8 bytes", e.getMessage());
            assertEquals(Reason.NO_ROOM, e.reason());
            assertEquals(Map.of(), e.numbers());
        }
    }

    @Test
    void theSystemsFailuresSayWhatIsWrong() {
        Path file = Path.of("a file");
        CheckpointException full = CheckpointException.unwritable(file, new IOException("No space left on device"));
        assertEquals("a file: cannot be written: No space left on device", full.getMessage());
        assertEquals(Reason.UNWRITABLE, full.reason());
        CheckpointException gone = CheckpointException.unreadable(file, new NoSuchFileException("a file"));
        assertEquals("a file: cannot be read: java.nio.file.NoSuchFileException: a file", gone.getMessage());
        assertEquals(Reason.UNREADABLE, gone.reason());
        assertEquals(file, gone.file().orElseThrow());
    }
}
