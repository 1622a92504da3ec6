package dev.stockpot.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RenamingTest {
    @TempDir
    Path folder;

    private Path file(String name, String... tensors) throws IOException {
        Map<String, Tensor> model = new LinkedHashMap<>();
        for (String tensor : tensors) {
            model.put(
                    tensor,
                    tensor.equals("n_averaged") ? new Tensor(DType.I64, "[]", new byte[8]) : Tensor.f32("[1]", 1));
        }
        return TestFiles.write(folder.resolve(name), model);
    }

    private static OpenOptions renames(String... pairs) {
        OpenOptions.Builder options = OpenOptions.builder();
        for (int k = 0; k < pairs.length; k += 2) {
            options.rename(pairs[k], pairs[k + 1]);
        }
        return options.build();
    }

    @Test
    void appliesChangesInOrderAfterThePrefix() throws IOException {
        Path file = file("a", "module.LayerNorm.gamma", "module.LayerNorm.beta", "head.w");
        OpenOptions options = renames("\\bgamma$", "weight", "^(\\w+)\\.(weight)$", "$2.of.$1").toBuilder()
                .stripPrefix("module.")
                .build();
        assertEquals(
                Set.of("weight.of.LayerNorm", "LayerNorm.beta", "head.w"),
                Checkpoint.open(file, options).tensors().keySet());
    }

    @Test
    void twoTensorsNeverGetOneName() throws IOException {
        Path file = file("a", "x.w", "y.w");
        CheckpointException failure =
                assertThrows(CheckpointException.class, () -> Checkpoint.open(file, renames("^.\\.", "")));
        assertEquals(Reason.NAMES_COLLIDE, failure.reason());
        assertTrue(failure.getMessage().contains("x.w and y.w, that would both get the name w"), failure.getMessage());
        assertThrows(CheckpointException.class, () -> Checkpoint.open(file, renames("x.w", "")));
    }

    @Test
    void oneFileOfARunWithTheNameIsEnough() throws IOException {
        List<Path> files = List.of(file("a", "w"), file("b", "module.w"));
        OpenOptions strip = OpenOptions.builder().stripPrefix("module.").build();
        Checkpoint.openAll(files, strip)
                .forEach(c -> assertEquals(Set.of("w"), c.tensors().keySet()));
        CheckpointException none = assertThrows(CheckpointException.class, () -> Checkpoint.open(files.get(0), strip));
        assertEquals(Reason.NO_SUCH_PREFIX, none.reason());
        OpenOptions rename = renames("nothing", "something");
        assertThrows(CheckpointException.class, () -> Checkpoint.openAll(files, rename));
    }

    @Test
    void theCounterOfAnAveragedModelIsLeftOutWithItsPrefix() throws IOException {
        OpenOptions strip = OpenOptions.builder().stripPrefix("module.").build();
        Checkpoint averaged = Checkpoint.open(file("a", "n_averaged", "module.w"), strip);
        assertEquals(Set.of("w"), averaged.tensors().keySet());
        assertTrue(
                averaged.notes().get(0).contains("n_averaged"), averaged.notes().toString());
        // Beside other names it is a tensor like any other.
        Checkpoint other = Checkpoint.open(file("b", "n_averaged", "module.w", "v"), strip);
        assertEquals(Set.of("n_averaged", "w", "v"), other.tensors().keySet());
    }

    @Test
    void refusesExpressionsThatCannotBeUsed() {
        assertThrows(IllegalArgumentException.class, () -> new Rename("(", "x"));
        assertThrows(IllegalArgumentException.class, () -> new Rename("(a)b", "$2"));
        assertEquals(new Rename("a", "b"), new Rename("a", "b"));
    }

    @Test
    void anExpressionThatWouldTakeYearsIsGivenUp() {
        Rename endless = new Rename("(a+)+$", "b");
        String name = "a".repeat(5000) + "!";
        assertThrows(IllegalArgumentException.class, () -> endless.of(name));
        assertEquals("b", endless.of("aaaa"));
    }
}
