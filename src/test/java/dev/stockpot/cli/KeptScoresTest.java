package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What commands say of scores that are known, and of a search that found little. */
class KeptScoresTest {
    @TempDir
    Path folder;

    private Path log;
    private Path eval;

    /** Scores a model by its last byte: 100 minus the distance to 40. With a second argument, fails on that byte. */
    @BeforeEach
    void evaluator() throws IOException {
        log = folder.resolve("log");
        eval = Files.writeString(
                folder.resolve("eval it.sh"),
                "echo . >> '" + log + "'\n"
                        + "v=$(tail -c 1 \"$1\" | od -An -tu1 | tr -d ' ')\n"
                        + "[ -n \"$2\" ] && [ $v -eq $2 ] && exit 3\n"
                        + "d=$((v - 40)); echo \"{\\\"acc\\\": $((100 - ${d#-}))}\"\n");
    }

    private String evaluator(String more) {
        return "cmd:sh '" + eval + "' {checkpoint}" + more;
    }

    /** A model of one F32, whose last byte is given and whose others are 0. */
    private String model(int last) throws IOException {
        byte[] bytes = {0, 0, 0, (byte) last};
        return TestFiles.write(
                        folder.resolve("m " + last + ".safetensors"),
                        Map.of("w", new TestFiles.Tensor(DType.F32, "[1]", bytes)))
                .toString();
    }

    private int asked() throws IOException {
        return Files.exists(log) ? Files.readAllLines(log).size() : 0;
    }

    private Result run(String command, String evaluator, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "--evaluator", evaluator));
        words.addAll(List.of(more));
        return TestCommands.run(words);
    }

    @Test
    void aFailedEvaluationSaysWhatIsKeptAndACorrectedCommandUsesIt() throws IOException {
        String out = folder.resolve("soup.safetensors").toString();
        Result typo = run("greedy", "cmd:sh no-such-file {checkpoint}", "-o", out, model(50), model(60), model(70));
        assertEquals(1, typo.exit());
        assertFalse(typo.err().contains(" kept in "), typo.err());
        assertFalse(Files.exists(Path.of(out + ".journal.jsonl")));

        Result failed = run("greedy", evaluator(" 70"), "-o", out, model(50), model(60), model(70));
        assertEquals(1, failed.exit());
        assertTrue(
                failed.err()
                        .contains("hint: 2 scores are kept in " + out
                                + ".journal.jsonl; the same command goes on from there"),
                failed.err());
        int before = asked();
        // The script is mended, not the command.
        Files.writeString(eval, Files.readString(eval).replace("&& exit 3", "&& true"));
        Result mended = run("greedy", evaluator("   '70'"), "-o", out, model(50), model(60), model(70));
        assertEquals(0, mended.exit(), mended.err());
        assertEquals(2, mended.err().split("from the journal", -1).length - 1, mended.err());
        // One ingredient, two additions and all.
        assertEquals(before + 4, asked());
    }

    @Test
    void aMetricIsCorrectedWithoutAnotherEvaluation() throws IOException {
        String out = folder.resolve("soup.safetensors").toString();
        Result wrong = run("greedy", evaluator(""), "-o", out, "--metric", "accuracy", model(50), model(60));
        assertEquals(1, wrong.exit());
        assertTrue(wrong.err().contains("hint: 1 score is kept in "), wrong.err());
        Result right = run("greedy", evaluator(""), "-o", out, "--metric", "acc", model(50), model(60));
        assertEquals(0, right.exit(), right.err());
        assertTrue(right.err().contains("m 50.safetensors: acc 90.00000 (from the journal)"), right.err());
    }

    @Test
    void evaluateAndDiagnoseUseAndFillACache() throws IOException {
        String cache = folder.resolve("cache").toString();
        assertEquals(
                0,
                run("evaluate", evaluator(""), "--cache", cache, model(50), model(60))
                        .exit());
        assertEquals(2, asked());
        String out = folder.resolve("soup.safetensors").toString();
        assertEquals(
                0,
                run("greedy", evaluator(""), "--cache", cache, "-o", out, model(50), model(60))
                        .exit());
        assertFalse(Files.exists(Path.of(out + ".journal.jsonl")));
        Result diagnosed = run("diagnose", evaluator(""), "--cache", cache, "--json", model(50), model(60));
        assertEquals(2, diagnosed.err().split("scored . of 2: .*from the journal", -1).length - 1, diagnosed.err());
        int known = asked();
        assertEquals(
                0,
                run("evaluate", evaluator(""), "--cache", cache, model(50), model(60))
                        .exit());
        assertEquals(known, asked());
        assertEquals(
                0,
                run("evaluate", evaluator(""), "--cache", cache, "--fresh", model(50), model(60))
                        .exit());
        assertEquals(known + 2, asked());
    }

    /** The commands that it names are pasted into a shell. */
    @Test
    void aSoupOfOneSaysWhyAndWhatToDo() throws Exception {
        Path out = folder.resolve("my soup.safetensors");
        String[] models = {model(44), model(70)};
        Result result = run("greedy", evaluator(""), "-o", out.toString(), models[0], models[1]);
        assertEquals(0, result.exit(), result.err());
        assertTrue(
                result.out()
                        .contains("The greedy soup is a copy of " + models[0] + ": no addition was kept. The best, "
                                + models[1] + ", made it "),
                result.out());
        assertTrue(result.out().contains(" worse.\n"), result.out());
        List<String> words = pasted(result.out());
        assertEquals(List.of("stockpot", "diagnose", "--cache", out + ".journal.jsonl"), words.subList(0, 4));
        assertEquals(List.of(models[0], models[1]), words.subList(words.size() - 2, words.size()));
        int before = asked();
        Result diagnosed = TestCommands.run(words.subList(1, words.size()));
        assertEquals(0, diagnosed.exit(), diagnosed.err());
        assertTrue(diagnosed.out().startsWith("verdict: "), diagnosed.out());
        // Only three points between the two: they and their mean are known.
        assertEquals(before + 3, asked());
    }

    @Test
    void aUniformSoupThatIsBetterIsNamedWithItsCommandOrTaken() throws Exception {
        Path out = folder.resolve("my soup.safetensors");
        // 2, 8 and 0.5: their mean is 3.5, in BF16 0x4060. The first is 0x4000.
        String[] words = {"-o", out.toString(), "--dtype", "BF16", model(64), model(65), model(63)};
        Path eval = Files.writeString(
                folder.resolve("three.sh"),
                "case $(tail -c 2 \"$1\" | od -An -tx1 | tr -d ' \\n') in\n"
                        + "0040) echo 0.5;; 6040) echo 0.6;; *) echo 0.1;;\nesac\n");
        String evaluator = "cmd:sh '" + eval + "' {checkpoint}";
        Result result = run("greedy", evaluator, words);
        assertEquals(0, result.exit(), result.err());
        assertTrue(
                result.out()
                        .contains(
                                "The uniform soup of all 3 scored 0.60000, 0.10000 better than the greedy one. To make it:"),
                result.out());
        List<String> pasted = pasted(result.out());
        assertEquals(0, TestCommands.run(pasted.subList(1, pasted.size())).exit(), pasted.toString());
        Path uniform = folder.resolve("my soup-uniform.safetensors");
        assertTrue(Files.exists(uniform), pasted.toString());

        Path taken = folder.resolve("taken.safetensors");
        words[1] = taken.toString();
        Result json = run(
                "greedy",
                evaluator,
                Stream.concat(Stream.of("--fallback", "uniform", "--json"), Stream.of(words))
                        .toArray(String[]::new));
        assertEquals(0, json.exit(), json.err());
        assertEquals(-1, Files.mismatch(uniform, taken));
        assertTrue(json.out().contains("\"fallback\" : \"uniform\""), json.out());
        assertTrue(json.out().replaceAll("\\s", "").contains("\"soup\":{\"score\":0.6}"), json.out());
        assertTrue(json.out().replaceAll("\\s", "").contains("\"greedy\":{\"score\":0.5}"), json.out());
    }

    /** The words of the command in the last line that is indented, as a shell reads them. */
    private static List<String> pasted(String out) throws IOException {
        String line = out.lines()
                .filter(text -> text.startsWith("  stockpot "))
                .reduce((first, last) -> last)
                .orElseThrow(() -> new AssertionError(out));
        Process shell = new ProcessBuilder("sh", "-c", "printf '%s\\0' " + line).start();
        String read = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return List.of(read.substring(0, read.length() - 1).split("\0", -1));
    }

    @Test
    void aBadVerdictFailsIfAskedToAndComesFirst() throws IOException {
        Path a = TestFiles.write(
                folder.resolve("a.safetensors"), Map.of("w", TestFiles.Tensor.f32("[2, 2]", 1, 2, 3, 4)));
        Path b = TestFiles.write(
                folder.resolve("b.safetensors"), Map.of("w", TestFiles.Tensor.f32("[2, 2]", -4, 3, -2, 1)));
        List<String> words = new ArrayList<>(List.of("diagnose", a.toString(), b.toString()));
        Result lenient = TestCommands.run(words);
        assertEquals(0, lenient.exit(), lenient.err());
        assertTrue(lenient.out().startsWith("verdict: bad\nbad: "), lenient.out());
        assertTrue(lenient.out().contains("is usually worse than every ingredient"), lenient.out());
        words.add("--strict");
        assertEquals(1, TestCommands.run(words).exit());
        words.add("--json");
        assertTrue(TestCommands.run(words).out().contains("\"verdict\" : \"bad\""));
        Path c = Files.copy(a, folder.resolve("c.safetensors"));
        assertEquals(
                0,
                TestCommands.run(List.of("diagnose", "--strict", a.toString(), c.toString()))
                        .exit(),
                "a warning is no bad verdict");
    }

    @Test
    void whatEvaluateHasScoredIsPrintedWhereItEndsEarly() throws IOException {
        Result failed = run("evaluate", evaluator(" 70"), model(50), model(60), model(70));
        assertEquals(1, failed.exit());
        assertTrue(failed.out().contains("m 50.safetensors") && failed.out().contains("90.00000"), failed.out());
        assertTrue(failed.out().contains("m 60.safetensors"), failed.out());
        assertFalse(failed.out().contains("m 70") || failed.out().contains("best:"), failed.out());
        assertTrue(failed.err().contains("hint: with --cache DIR scores are kept"), failed.err());
        Result json = run("evaluate", evaluator(" 60"), "--json", model(50), model(60));
        assertEquals(1, json.exit());
        assertEquals("", json.out(), "a document is whole or not there");
        assertTrue(json.err().contains("scored 1 of 2: "), json.err());
        // Nothing was scored.
        assertEquals("", run("evaluate", evaluator(" 50"), model(50)).out());
    }

    @Test
    void aFailureAtTheFirstCandidateSaysThatTheSameCommandGoesOn() throws IOException {
        String out = folder.resolve("soup.safetensors").toString();
        String keeps = "hint: scores are kept as they come: once the evaluation works, the same command goes on";
        Result first = run("greedy", evaluator(" 50"), "-o", out, model(50), model(60));
        assertTrue(first.err().contains(keeps), first.err());
        String cache = folder.resolve("cache").toString();
        Result cached = run("evaluate", evaluator(" 50"), "--cache", cache, model(50));
        assertTrue(cached.err().contains(keeps), cached.err());
        // What no other evaluation mends is not answered so.
        Result wrong = run("greedy", evaluator(""), "-o", out, "nowhere.safetensors", model(60));
        assertFalse(wrong.err().contains("goes on"), wrong.err());
    }
}
