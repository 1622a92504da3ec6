package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Notes;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.CheckpointBuilder;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.MatchOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left out on request: some tensors, not all and not none. */
class ExcludeTest {
    @TempDir
    Path folder;

    private final List<String> notes = new ArrayList<>();

    private static Checkpoint model(String name, float value, String... tensors) {
        CheckpointBuilder model = Checkpoint.inMemory(name);
        for (String tensor : tensors) {
            model.put(tensor, List.of(1L), value);
        }
        return model.build();
    }

    private void noted(UniformSoup soup) throws InterruptedException {
        soup.write(folder.resolve("soup.safetensors"), Notes.to(notes));
    }

    @Test
    void leavesNotEverythingOut() throws Exception {
        UniformSoup soup = UniformSoup.of(model("a", 1, "x", "y"), model("b", 1, "x", "y"));
        SoupException all = assertThrows(
                SoupException.class, () -> soup.withMatching(excluding(".*")).tensors());
        assertEquals(Reason.NOTHING_IN_COMMON, all.reason());
        assertTrue(all.getMessage().contains("all 2 tensors would be left out"), all::getMessage);
    }

    @Test
    void namesWhatIsNearestToAnExpressionThatMatchesNothing() throws Exception {
        noted(UniformSoup.of(model("a", 1, "head.bias", "y"), model("b", 1, "head.bias", "y"))
                .withMatching(excluding("^haed\\.bias$")));
        assertTrue(notes.get(0).endsWith("no tensor's name matches it; the nearest is head.bias"), notes.toString());
    }

    private static MatchOptions excluding(String regex) {
        return MatchOptions.builder().exclude(Pattern.compile(regex)).build();
    }
}
