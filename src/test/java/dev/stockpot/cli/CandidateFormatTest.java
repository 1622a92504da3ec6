package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a command gets in place of {checkpoint}. */
class CandidateFormatTest {
    private static final Path LIGHTNING = Path.of("src/test/resources/torch/lightning.ckpt");

    @TempDir
    Path folder;

    private Path log;
    private String evaluator;

    /** An evaluator that logs each candidate's name and kind: what its first bytes or its folder are, and what its pickle names. */
    @BeforeEach
    void evaluator() throws IOException {
        log = folder.resolve("log");
        Path script = Files.writeString(folder.resolve("evaluate.py"), """
                import os, sys, zipfile
                path, log = sys.argv[1], open(sys.argv[2], "a")
                ending = os.path.basename(path).partition(".")[2]
                if os.path.isdir(path):
                    kind = "dir " + " ".join(sorted(os.listdir(path)))
                elif zipfile.is_zipfile(path):
                    archive = zipfile.ZipFile(path)
                    pickle = archive.read([n for n in archive.namelist() if n.endswith("data.pkl")][0])
                    kind = "nested" if b"state_dict" in pickle else "plain"
                else:
                    kind = "safetensors" if open(path, "rb").read(9)[8:] == b"{" else "unknown"
                    if len(sys.argv) > 3:
                        sys.exit("_pickle.UnpicklingError: invalid load key, 'x'.")
                log.write(ending + ":" + kind + (" link" if os.path.islink(path) else "") + "\\n")
                print("accuracy:", os.stat(path).st_size % 97 / 100)
                """);
        evaluator = "cmd:python3 '" + script + "' {checkpoint} '" + log + "'";
    }

    private Result search(String command, List<String> options, Path... ingredients) {
        List<String> words = new ArrayList<>(List.of(command, "--evaluator", evaluator));
        if (command.equals("greedy")) {
            words.addAll(List.of("-o", folder.resolve("soup.pt").toString(), "--force", "--fresh"));
        }
        words.addAll(options);
        Stream.of(ingredients).map(Path::toString).forEach(words::add);
        return run(words);
    }

    private List<String> kinds() throws IOException {
        List<String> kinds =
                Files.readAllLines(log).stream().distinct().sorted().toList();
        Files.delete(log);
        return kinds;
    }

    /** Two PyTorch files with their weights under state_dict. */
    private Path[] nested() throws IOException {
        Path other = folder.resolve("other.ckpt");
        Files.copy(LIGHTNING, other, StandardCopyOption.REPLACE_EXISTING);
        return new Path[] {LIGHTNING, other};
    }

    @Test
    void whatReadsAnIngredientReadsTheSoup() throws Exception {
        Path[] ingredients = nested();
        Result result = search("greedy", List.of(), ingredients);
        assertEquals(0, result.exit(), result.err());
        assertEquals(List.of("ckpt:nested", "ckpt:nested link"), kinds());
        assertEquals(
                0,
                search("greedy", List.of("--like", LIGHTNING.toString()), ingredients)
                        .exit());
        assertEquals(List.of("ckpt:nested", "ckpt:nested link"), kinds());
        assertEquals(0, search("evaluate", List.of(), ingredients).exit());
        assertEquals(List.of("ckpt:nested link"), kinds());
    }

    @ParameterizedTest
    @CsvSource({
        "safetensors, safetensors:safetensors",
        "pt, pt:plain",
        "dir, :dir model.safetensors",
        "like, ckpt:nested"
    })
    void anotherFormatCanBeAskedFor(String format, String kind) throws Exception {
        for (String command : List.of("greedy", "evaluate", "diagnose")) {
            Result result = search(command, List.of("--candidate-format", format), nested());
            assertEquals(0, result.exit(), result.err());
            List<String> kinds = kinds();
            assertTrue(kinds.stream().allMatch(k -> k.startsWith(kind)), kinds::toString);
        }
    }

    @Test
    void safetensorsStaySafetensors() throws Exception {
        Path a = Path.of("examples/ingredients/model_00.safetensors");
        Path b = Path.of("examples/ingredients/model_01.safetensors");
        assertEquals(0, search("greedy", List.of(), a, b).exit());
        assertEquals(List.of("safetensors:safetensors", "safetensors:safetensors link"), kinds());
        assertEquals(
                0, search("evaluate", List.of("--candidate-format", "pt"), a).exit());
        assertEquals(List.of("pt:plain"), kinds());
        Result like = search("evaluate", List.of("--candidate-format", "like"), a);
        assertEquals(1, like.exit());
        assertTrue(like.err().contains("has no structure"), like.err());
    }

    /** Of TorchScript the code is not written again: its weights are a plain state dict, in each candidate alike. */
    @Test
    void whatHasNoStructureToWriteIsPlain() throws Exception {
        Path module = Path.of("src/test/resources/evaluate/model.torchscript.pt");
        Path copy = Files.copy(module, folder.resolve("copy.pt"));
        Result result = search("greedy", List.of("--key", "."), module, copy);
        assertEquals(0, result.exit(), result.err());
        assertEquals(List.of("pt:plain"), kinds());
    }

    @Test
    void theSoupsValuesAreInTheStructure() throws Exception {
        Path[] ingredients = nested();
        evaluator = "cmd:sh -c 'cp \"$0\" " + folder + "/kept.ckpt; echo accuracy: 1' {checkpoint}";
        assertEquals(0, search("greedy", List.of(), ingredients).exit());
        assertEquals(
                Stockpot.open(LIGHTNING).tensors().keySet(),
                Stockpot.open(folder.resolve("kept.ckpt")).tensors().keySet());
    }

    @Test
    void aLoaderThatGetsAnotherFormatLeadsToAHint() throws IOException {
        evaluator += " torch";
        Result result = search("evaluate", List.of(), Path.of("examples/ingredients/model_00.safetensors"));
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("hint: ") && result.err().contains("--candidate-format pt"), result.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"worker:python3 x.py", "torchscript:x.pt"})
    void otherEvaluatorsTakeNoFormat(String spec) {
        evaluator = spec;
        Result result = search("evaluate", List.of("--candidate-format", "pt"), LIGHTNING);
        assertEquals(2, result.exit(), result.err());
        assertTrue(result.err().contains("--candidate-format needs"), result.err());
    }

    @Test
    void dataNeedsAnEvaluatorThatTakesIt() throws IOException {
        for (String command : List.of("greedy", "evaluate", "diagnose")) {
            Result result = search(command, List.of("--data", LIGHTNING.toString()), LIGHTNING, LIGHTNING);
            assertEquals(2, result.exit(), result.err());
            assertTrue(result.err().contains("--data needs --evaluator torchscript:MODEL"), result.err());
        }
        assertFalse(Files.exists(log));
    }

    @Test
    void shiftsHaveEvaluatorsOfTheirOwn() throws IOException {
        Path a = Path.of("examples/ingredients/model_00.safetensors");
        Path b = Path.of("examples/ingredients/model_01.safetensors");
        Path report = folder.resolve("report");
        String shift = "imagenet-r=cmd:sh -c 'echo accuracy: 0.4321; echo x >> " + log + "' {checkpoint}";
        Result result = search("greedy", List.of("--report", report.toString(), "--shift-evaluator", shift), a, b);
        assertEquals(0, result.exit(), result.err());
        String page = Files.readString(report.resolve("index.html"));
        assertTrue(page.contains("accuracy on imagenet-r") && page.contains("0.4321"), "the scatter plot is missing");
        assertEquals(3, Files.readAllLines(log).stream().filter("x"::equals).count(), "two ingredients and the soup");
        for (List<String> wrong : List.of(
                List.of("--shift-evaluator", shift),
                List.of("--report", report.toString(), "--shift-evaluator", "cmd:echo x=1 {checkpoint}"),
                List.of("--report", report.toString(), "--shift-evaluator", "a=torchscript:x.pt"),
                List.of("--report", report.toString(), "--shift-evaluator", shift, "--shift-evaluator", shift))) {
            assertEquals(2, search("greedy", wrong, a, b).exit(), wrong::toString);
        }
        Result shell = search(
                "greedy",
                List.of("--report", report.toString(), "--shift-evaluator", "a=cmd:x {checkpoint} | y"),
                a,
                b);
        assertTrue(shell.exit() != 0 && shell.err().contains("shell"), shell.err());
    }

    @Test
    void aFileForTheScoresIsRead() throws IOException {
        Path a = Path.of("examples/ingredients/model_00.safetensors");
        evaluator =
                "cmd:sh -c 'echo working 3; printf \"%s\" \"$2\" > \"$1\"' {checkpoint} {scores} '{\"loss\": 0.25}'";
        Result result = search("evaluate", List.of(), a);
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("0.25000"), result.out());
        assertTrue(result.err().contains("note: scores are read from the file"), result.err());
        evaluator = "cmd:sh -c 'echo 0.5' {checkpoint} {scores}";
        Result none = search("evaluate", List.of(), a);
        assertEquals(1, none.exit());
        assertTrue(none.err().contains("did not write the file for {scores}"), none.err());
    }

    @Test
    void aScoreOnStderrIsNone() {
        evaluator = "cmd:sh -c 'echo accuracy: 0.5 >&2' {checkpoint}";
        Result result = search("evaluate", List.of(), Path.of("examples/ingredients/model_00.safetensors"));
        assertEquals(1, result.exit());
        assertTrue(
                result.err().contains("printed nothing to stdout; on stderr it wrote:\n  accuracy: 0.5"), result.err());
        assertTrue(result.err().contains("hint: print the score to stdout"), result.err());
    }
}
