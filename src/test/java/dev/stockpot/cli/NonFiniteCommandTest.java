package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says of values that are not finite. */
class NonFiniteCommandTest {
    @TempDir
    Path folder;

    private String broken;
    private String large;
    private String out;

    @BeforeEach
    void models() throws Exception {
        broken = TestFiles.write(folder.resolve("ft3.safetensors"), Map.of("w", Tensor.f32("[2]", 1, Double.NaN)))
                .toString();
        large = TestFiles.write(folder.resolve("big.safetensors"), Map.of("w", Tensor.f32("[2]", 70_000, 2)))
                .toString();
        out = folder.resolve("soup.safetensors").toString();
    }

    @Test
    void anIngredientIsToBeLeftOut() {
        Result stopped = TestCommands.run(List.of("uniform", "-o", out, large, broken));
        assertEquals(1, stopped.exit());
        assertEquals(
                "error: " + broken + ": 1 value that is not a number (NaN) in tensor w\nhint: leave out " + broken
                        + "; --allow non-finite goes on all the same\n",
                stopped.err());
        assertEquals(false, Files.exists(Path.of(out)));
        Result gone = TestCommands.run(List.of("uniform", "--allow", "non-finite", "-o", out, large, broken));
        assertEquals(0, gone.exit());
        assertEquals("warning: " + broken + ": 1 value that is not a number (NaN) in tensor w\n", gone.err());
    }

    @Test
    void theOnlyFileIsNotToBeLeftOut() {
        Result stopped = TestCommands.run(List.of("convert", "--dtype", "BF16", "-o", out, broken));
        assertFalse(stopped.err().contains("leave out"), stopped.err());
        assertTrue(stopped.err().contains("take an earlier checkpoint"), stopped.err());
    }

    @Test
    void aSearchThatStartsWithOneStopsBeforeAnyEvaluation() throws Exception {
        Path ran = folder.resolve("ran");
        Path scores = Files.writeString(folder.resolve("scores.csv"), "model,accuracy\nft3,0.9\nbig,0.5\n");
        Path script = Files.writeString(folder.resolve("score.sh"), "touch " + ran + "; echo accuracy 0.5\n");
        Result stopped = TestCommands.run(List.of(
                "greedy",
                "--scores",
                scores.toString(),
                "--evaluator",
                "cmd:sh " + script + " {checkpoint}",
                "-o",
                out,
                large,
                broken));
        assertEquals(1, stopped.exit(), stopped.err());
        assertTrue(stopped.err().contains("(NaN) in tensor w"), stopped.err());
        assertFalse(Files.exists(ran));
    }

    @Test
    void aTypeThatIsTooNarrowIsToBeReplaced() {
        Result stopped = TestCommands.run(List.of("convert", "--dtype", "F16", "-o", out, large));
        assertEquals(1, stopped.exit());
        assertEquals(
                "error: 1 value overflows F16 (largest 70,000; F16 ends at 65,504) in tensor w\n"
                        + "hint: take BF16 or F32 for the output (--dtype); --allow non-finite goes on all the same\n",
                stopped.err());
        assertEquals(
                0,
                TestCommands.run(List.of("convert", "--dtype", "BF16", "-o", out, large))
                        .exit());
    }

    @Test
    void whatTheHintOfASumSaysHelps() throws IOException {
        TestFiles.Tensor large = TestFiles.Tensor.bf16("[1]", 0x1.FEp127);
        String a = TestFiles.write(folder.resolve("a.safetensors"), Map.of("w", large))
                .toString();
        TestFiles.Tensor less = TestFiles.Tensor.bf16("[1]", 0x1p127);
        String b = TestFiles.write(folder.resolve("b.safetensors"), Map.of("w", less))
                .toString();
        String wide = folder.resolve("wide.safetensors").toString();
        String out = folder.resolve("out.safetensors").toString();
        Result stopped = TestCommands.run(List.of("uniform", "-o", out, a, b));
        assertEquals(1, stopped.exit());
        assertTrue(stopped.err().contains("hint: weights that sum to 1 keep the sum in range"), stopped.err());
        assertEquals(
                0,
                TestCommands.run(List.of("uniform", "-o", out, "--weights", "0.5,0.5", a, b))
                        .exit());
        assertEquals(0x1.8p127, Checkpoint.open(Path.of(out)).doubles("w")[0]);
        assertEquals(
                0,
                TestCommands.run(List.of("convert", "-o", wide, "--dtype", "F32", b))
                        .exit());
        assertEquals(
                0,
                TestCommands.run(List.of("uniform", "--force", "-o", out, a, wide))
                        .exit());
    }
}
