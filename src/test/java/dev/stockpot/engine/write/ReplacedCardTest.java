package dev.stockpot.engine.write;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Notes;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.run.Run;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.UniformSoup;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The card in a model directory that is replaced. */
class ReplacedCardTest {
    @TempDir
    Path folder;

    private static Soup soup(float value) {
        return UniformSoup.of(
                Checkpoint.inMemory("x").put("a", List.of(2L), value, value).build());
    }

    @Test
    void aCardThatAUserHasWrittenStays() throws Exception {
        Path out = folder.resolve("model");
        WriteOptions options = WriteOptions.builder()
                .card("# A soup\n\nmade by Stockpot, of run 2")
                .build();
        soup(1).write(out, options, Run.defaults());
        soup(2).write(out, options, Run.builder().overwrite(true).build());
        assertTrue(Files.readString(out.resolve("README.md")).contains("run 2"), "its own is replaced");
        Files.writeString(out.resolve("README.md"), "my own findings");
        List<String> notes = new ArrayList<>();
        Run run = Notes.to(notes);
        soup(3).write(out, options, run);
        assertEquals("my own findings", Files.readString(out.resolve("README.md")));
        assertArrayEquals(new float[] {3, 3}, Checkpoint.open(out).floats("a"));
        assertTrue(notes.contains(out.resolve("README.md") + " stays: Stockpot has not written it"), notes.toString());
    }
}
