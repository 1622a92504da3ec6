package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands with models whose soup would be none. */
class ConcernsTest {
    @TempDir
    Path folder;

    private Path out;
    private Path a;
    private Path b;

    @BeforeEach
    void writeQuantisedModels() throws IOException {
        out = folder.resolve("soup.safetensors");
        a = quantised("a", 1);
        b = quantised("b", 2);
    }

    private Path quantised(String name, int seed) throws IOException {
        Map<String, Tensor> tensors = new TreeMap<>();
        tensors.put("q.weight", new Tensor(DType.F8_E4M3, "[4]", new byte[] {8, 9, 10, (byte) seed}));
        tensors.put("q.weight_scale", Tensor.f32("[1]", 0.5 * seed));
        return TestFiles.write(folder.resolve(name + ".safetensors"), tensors);
    }

    private static Result run(Object... words) {
        return TestCommands.run(Arrays.stream(words).map(Object::toString).toList());
    }

    @Test
    void stopUniformBeforeAnythingIsWritten() {
        Result result = run("uniform", "-o", out, a, b);
        assertEquals(1, result.exit());
        assertEquals(
                List.of(
                        "error: " + a + ", " + b + " have quantised weights (FP8 with scales: q.weight (F8_E4M3) means"
                                + " something only with q.weight_scale)",
                        "hint: average the models before they are quantised, or dequantise each of them first; --allow"
                                + " quantised goes on all the same"),
                result.err().lines().toList());
        assertFalse(Files.exists(out));
    }

    @Test
    void areWarningsWhereTheyAreAllowed() {
        Result result = run("uniform", "--allow", "parts,quantised", "-o", out, a, b);
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().startsWith("warning: " + a + ", " + b + " have quantised weights"), result.err());
        assertTrue(Files.exists(out));
        assertEquals(
                1,
                run("uniform", "--allow", "parts", "--force", "-o", out, a, b).exit());
    }

    @Test
    void stopSearchesBeforeTheFirstEvaluation() throws IOException {
        Path ran = folder.resolve("ran");
        Path script = Files.writeString(folder.resolve("score.sh"), "touch " + ran + "; echo 1\n");
        for (List<String> search : List.of(List.of("greedy"), List.of("learned", "--optimizer", "cma-es"))) {
            Object[] words = new Object[search.size() + 6];
            System.arraycopy(search.toArray(), 0, words, 0, search.size());
            System.arraycopy(
                    new Object[] {"-o", out, "--evaluator", "cmd:sh " + script + " {checkpoint}", a, b},
                    0,
                    words,
                    search.size(),
                    6);
            Result result = run(words);
            assertEquals(1, result.exit());
            assertTrue(result.err().contains("have quantised weights"), result.err());
        }
        assertFalse(Files.exists(ran));
        assertFalse(Files.exists(out));
    }

    @Test
    void stopNoCopyButARoundedOne() {
        assertEquals(0, run("convert", a, "-o", folder.resolve("copy.pt")).exit());
        Result rounded = run("convert", a, "--dtype", "BF16", "-o", out);
        assertEquals(1, rounded.exit());
        assertTrue(rounded.err().contains("has quantised weights"), rounded.err());
        assertFalse(Files.exists(out));
        Result allowed = run("convert", "--allow", "quantised", a, "--dtype", "BF16", "-o", out);
        assertEquals(0, allowed.exit(), allowed.err());
        assertTrue(allowed.err().startsWith("warning: "), allowed.err());
    }

    @Test
    void stopACopyOfPlaceholders() throws IOException {
        Path hollow = TestFiles.write(folder.resolve("zero3.pt"), Map.of("fc.weight", Tensor.f32("[0]")));
        Result result = run("convert", hollow, "-o", out);
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("has placeholders instead of weights: 1 of 1 tensors"), result.err());
        assertFalse(Files.exists(out));
        assertEquals(
                0, run("convert", "--allow", "placeholders", hollow, "-o", out).exit());
        Path other = TestFiles.write(folder.resolve("zero3-b.pt"), Map.of("fc.weight", Tensor.f32("[0]")));
        Result diagnosis = run("diagnose", hollow, other);
        assertTrue(diagnosis.out().contains("have placeholders"), diagnosis.out());
        assertFalse(diagnosis.out().contains("have the same weights"), diagnosis.out());
    }

    @Test
    void areNotesOfInspect() {
        Result text = run("inspect", a);
        assertEquals(0, text.exit());
        assertTrue(text.err().startsWith("note: " + a + " has quantised weights"), text.err());
        assertFalse(text.out().contains("quantised"), text.out());
        Result json = run("inspect", "--json", a);
        assertEquals(text.err(), json.err());
        assertTrue(json.out().startsWith("{") && !json.out().contains("quantised"), json.out());
        assertEquals("", run("inspect", "--quiet", a).err());
    }

    @Test
    void areFindingsOfDiagnose() {
        Result result = run("diagnose", a, b);
        assertEquals(0, result.exit(), result.err());
        assertTrue(
                result.out().contains("bad: " + a + ", " + b + " have quantised weights (FP8 with scales: "),
                result.out());
        assertTrue(result.out().contains("  Average the models before they are quantised, or "), result.out());
        assertFalse(result.out().contains("speaks against a soup"), result.out());
        Result json = run("diagnose", "--json", a, b);
        assertTrue(json.out().contains("\"kind\" : \"quantised\""), json.out());
    }

    /** Their names differ, which is not what is wrong. */
    @Test
    void areSaidWhereDiagnoseCannotMeasure() throws IOException {
        Path first =
                TestFiles.write(folder.resolve("model-00001-of-00002.safetensors"), Map.of("x", Tensor.f32("[1]", 1)));
        Path second =
                TestFiles.write(folder.resolve("model-00002-of-00002.safetensors"), Map.of("y", Tensor.f32("[1]", 1)));
        Result result = run("diagnose", first, second);
        assertEquals(1, result.exit());
        assertTrue(result.err().startsWith("warning: " + first + ", " + second + " are different parts"), result.err());
        assertTrue(run("uniform", "-o", out, first, second).err().contains("--allow parts"));
    }
}
