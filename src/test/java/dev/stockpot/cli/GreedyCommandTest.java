package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code greedy} and {@code evaluate} with commands as evaluators. */
class GreedyCommandTest {
    private static final List<String> MODELS = IntStream.range(0, 5)
            .mapToObj(i -> "examples/ingredients/model_0" + i + ".safetensors")
            .toList();

    @TempDir
    Path folder;

    private List<String> greedy(Path out, String evaluator, String... more) {
        List<String> words = new ArrayList<>(List.of("greedy", "-o", out.toString(), "--evaluator", evaluator));
        words.addAll(List.of(more));
        words.addAll(MODELS);
        return words;
    }

    private String script(String body) throws IOException {
        Path script = Files.writeString(folder.resolve("an evaluator.sh"), "#!/bin/sh\n" + body);
        assertTrue(script.toFile().setExecutable(true));
        return "cmd:'" + script + "' {checkpoint}";
    }

    /** Scores that look random but are the same for the same values. */
    private static final String BY_CONTENT =
            "sum=$(tail -c 20000 \"$1\" | cksum | cut -d' ' -f1)\necho \"{\\\"accuracy\\\": 0.$((sum % 9000 + 1000))}\"\n";

    @Test
    void aSearchThatIsKilledGoesOnWhereItWas() throws Exception {
        Path whole = folder.resolve("whole.safetensors");
        String log = "echo . >> '" + folder.resolve("log") + "'\n";
        Result uninterrupted = run(greedy(whole, script(log + BY_CONTENT), "--json"));
        assertEquals(0, uninterrupted.exit(), uninterrupted.err());
        int all = Files.readAllLines(folder.resolve("log")).size();
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        for (int k = 0; k < all; k++) {
            Path out = folder.resolve("soup" + k + ".safetensors");
            Files.writeString(folder.resolve("log"), "");
            Files.writeString(folder.resolve("victim"), "");
            // Evaluator number k kills the command that started it, which has no chance to clean up.
            String killer = "n=$(wc -l < '" + folder.resolve("log") + "')\n"
                    + "if [ $n -eq " + k + " ] && [ -e '" + folder.resolve("victim") + "' ]; then\n"
                    + "  rm '" + folder.resolve("victim") + "'; kill -9 $PPID; exit 1\nfi\n";
            List<String> words = greedy(out, script(killer + log + BY_CONTENT), "--scratch", scratch.toString());
            List<String> command = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.stockpot.cli.Main"));
            command.addAll(words);
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            assertEquals(128 + 9, process.waitFor());
            assertFalse(Files.exists(out));
            makeOld(scratch);
            Result second = run(words);
            assertEquals(0, second.exit(), second.err());
            assertEquals(all, Files.readAllLines(folder.resolve("log")).size(), "evaluations after a stop at " + k);
            assertEquals(-1, Files.mismatch(whole, out));
            try (Stream<Path> left = Files.list(scratch)) {
                assertEquals(List.of(), left.toList());
            }
        }
    }

    /** Ages the locks: a folder left less than 30 seconds ago might still be in the making. */
    private static void makeOld(Path scratch) throws IOException {
        try (Stream<Path> left = Files.list(scratch)) {
            for (Path folder : left.toList()) {
                Files.setLastModifiedTime(folder.resolve(".lock"), FileTime.fromMillis(0));
            }
        }
    }

    @Test
    void printsTheDesignsJson() throws IOException {
        Path out = folder.resolve("soup.safetensors");
        Result result = run(greedy(out, script(BY_CONTENT), "--json", "--quiet"));
        assertEquals(0, result.exit(), result.err());
        assertEquals("", result.err());
        for (String field :
                List.of("metric", "direction", "individual", "trials", "chosen", "best_individual", "soup", "output")) {
            assertTrue(result.out().contains("\"" + field + "\" : "), result.out());
        }
        assertTrue(result.out().contains("\"direction\" : \"maximize\""), result.out());
    }

    @Test
    void aRunThatKeepsNothingSaysWhatToLookAt() throws IOException {
        Result result = run(greedy(folder.resolve("soup.safetensors"), script("echo 0.5\n")));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("stockpot diagnose"), result.out());
        assertTrue(result.err().contains("trial 5: left out"), result.err());
    }

    @Test
    void evaluateScoresEach() throws IOException {
        List<String> words = new ArrayList<>(
                List.of("evaluate", "--json", "--jobs", "3", "--evaluator", script("echo progress; echo 17; echo\n")));
        words.addAll(MODELS);
        Result result = run(words);
        assertEquals(0, result.exit(), result.err());
        assertEquals(5, result.out().split("\"score\" : 17.0").length - 1, result.out());
        words.remove("--json");
        assertTrue(run(words).out().startsWith("checkpoint"));
    }

    @Test
    void evaluateShowsTheMetricAskedForFirst() throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "evaluate",
                "--metric",
                "loss",
                "--evaluator",
                script("echo '{\"accuracy\": 0.5, \"loss\": 2}'\n"),
                MODELS.get(0)));
        assertTrue(run(words).out().matches("(?s)checkpoint +loss +accuracy.*2\\.00000 +0\\.50000.*"));
        words.set(2, "f1");
        Result missing = run(words);
        assertEquals(1, missing.exit());
        assertTrue(missing.err().contains("no metric f1 but accuracy, loss"), missing.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "echo sorry >&2; exit 3 | exit code 3 | sorry",
                "true | printed nothing | model_0",
                "echo accuracy: good | neither a number nor a JSON | accuracy: good",
                "echo '{\"accuracy\": NaN}' | returned NaN for accuracy | model_0",
                "echo nan | returned NaN for score | nan",
                "echo '{\"accuracy\": 0.5' | neither a number nor a JSON | 0.5",
                "echo '{\"name\": \"x\"}' | no metric | name",
                "echo '{\"loss\": 1}' | no metric accuracy but loss | --metric",
                "sleep 60 | took longer than 0.4 s | model_0",
                "echo x >> \"$1\"; echo 1 | wrote to the ingredient | only read",
                "echo x >> \"$1\"; exit 3 | wrote to the ingredient | only read",
            })
    void whatAnEvaluatorDoesWrongIsSaid(String body, String said, String also) throws IOException {
        Path copy = Files.copy(Path.of(MODELS.get(0)), folder.resolve("model_0.safetensors"));
        Path out = folder.resolve("soup.safetensors");
        Result result = run(List.of(
                "greedy",
                "-o",
                out.toString(),
                "--evaluator",
                script(body + "\n"),
                "--eval-timeout",
                "0.4s",
                "--metric",
                "accuracy",
                copy.toString(),
                MODELS.get(1)));
        assertEquals(1, result.exit());
        assertTrue(result.err().startsWith("error: ") || result.err().contains("\nerror: "), result.err());
        assertTrue(result.err().contains(said) && result.err().contains(also), result.err());
        assertTrue(result.err().contains("model_0"), result.err());
        assertFalse(Files.exists(out));
        // A child process left behind would keep the machine busy.
        assertTrue(ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive));
    }

    /** Whether it is a result, an error or the name of a metric: a terminal should not show a megabyte of it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "tr '\\0' x < /dev/zero | head -c 1000000",
                "tr '\\0' x < /dev/zero | head -c 1000000 >&2; exit 3",
                "echo '{'; seq -s '' 1 9",
                "printf '{\"%s\": NaN}' $(tr '\\0' x < /dev/zero | head -c 100000)",
                "printf '{\"a\": \"%s\"}' $(tr '\\0' x < /dev/zero | head -c 100000)",
                "echo $(seq 1 30000 | sed 's/.*/\"metric&\": 1,/' | sed '1s/^/{/; $s/,/}/')"
            })
    void ofWhatAnEvaluatorSaysAFewKilobytesAreShown(String body) throws IOException {
        Result result = run(greedy(folder.resolve("soup"), script(body + "\n"), "--metric", "loss"));
        assertEquals(1, result.exit(), result.err());
        assertTrue(result.err().contains("model_00"), result.err());
        assertTrue(result.err().length() < 15_000, "it has " + result.err().length() + " characters");
    }

    @ParameterizedTest
    @CsvSource({
        "cmd:true, {checkpoint}, 2",
        "cmd:/no/such/program {checkpoint}, /no/such/program, 1",
        "python eval.py, names no evaluator, 2",
        "cmd:'a {checkpoint}, closed, 2"
    })
    void whatIsNoEvaluatorIsSaid(String spec, String said, int exit) {
        Result result = run(greedy(folder.resolve("soup.safetensors"), spec));
        assertEquals(exit, result.exit(), result.err());
        assertTrue(result.err().contains(said), result.err());
    }

    @Test
    void anOutputThatExistsIsRefusedBeforeAnythingIsScored() throws IOException {
        Path out = Files.writeString(folder.resolve("soup.safetensors"), "mine");
        Result result = run(greedy(out, script("touch '" + folder.resolve("asked") + "'; echo 1\n")));
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("--force"), result.err());
        assertFalse(Files.exists(folder.resolve("asked")));
    }

    @Test
    void tiesAreKeptIfAskedForAndSaidSo() throws IOException {
        Path out = folder.resolve("soup");
        Path report = folder.resolve("report");
        Result result =
                run(greedy(out, script("echo 0.5\n"), "--accept-ties", "--json", "--report", report.toString()));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("\"accept_ties\" : true"), result.out());
        assertFalse(result.err().contains("left out"), result.err());
        assertTrue(Files.readString(out.resolve("README.md")).contains("left the score as it was stayed in the soup."));
        assertTrue(Files.readString(report.resolve("index.html")).contains("kept if the soup with it is no worse."));
        assertTrue(run(List.of("inspect", out.toString())).out().contains("soup.ties: accepted"));
    }

    /** An evaluator that tidies up after itself, or puts something else in a candidate's place, gets no ingredient. */
    @ParameterizedTest
    @ValueSource(strings = {"rm -rf \"$1\"", "rm -rf \"$1\"/*", "rm -rf \"$1\"; echo other > \"$1\""})
    void anEvaluatorCannotDeleteOrReplaceAnIngredient(String does) throws IOException {
        Path file = Files.copy(Path.of(MODELS.get(0)), folder.resolve("model_0.safetensors"));
        Path model =
                Files.createDirectories(folder.resolve("a model/with a folder")).getParent();
        Files.copy(file, model.resolve("model.safetensors"));
        Files.writeString(model.resolve("with a folder/config.json"), "{}");
        Path scratch = Files.createDirectory(folder.resolve("scratch"));
        String evaluator = script("ls \"$1\" > /dev/null && " + does + "; echo 1\n");
        Result result = run(List.of(
                "evaluate", "--evaluator", evaluator, "--scratch", scratch + "", file + "", model + "", file + ""));
        assertEquals(0, result.exit(), result.err());
        assertEquals(-1, Files.mismatch(file, Path.of(MODELS.get(0))));
        assertEquals(-1, Files.mismatch(model.resolve("model.safetensors"), file));
        assertEquals("{}", Files.readString(model.resolve("with a folder/config.json")));
        try (Stream<Path> left = Files.list(scratch)) {
            assertEquals(List.of(), left.toList());
        }
    }

    @Test
    void modelDirectoriesAreHandedOverAsDirectories() throws IOException {
        List<String> words = new ArrayList<>(List.of(
                "evaluate", "--evaluator", "cmd:sh -c 'cat \"$0/config.json\"; ls \"$0\" | wc -l' {checkpoint}"));
        Path model = Files.createDirectory(folder.resolve("a model"));
        Files.copy(Path.of(MODELS.get(0)), model.resolve("model.safetensors"));
        Files.writeString(model.resolve("config.json"), "{}\n");
        words.add(model.toString());
        Result result = run(words);
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("2.00000"), result.out());
    }
}
