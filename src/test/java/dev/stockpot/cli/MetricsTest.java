package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which metric decides, and in which direction. Three models of one value, 1, 2 and 4; evaluators print how far it is from 4,
 * so that of a loss c is the best and of a gain a.
 */
class MetricsTest {
    @TempDir
    Path folder;

    @BeforeEach
    void models() throws IOException {
        for (Map.Entry<String, Float> model : Map.of("a", 1f, "b", 2f, "c", 4f).entrySet()) {
            byte[] value = ByteBuffer.allocate(4)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putFloat(model.getValue())
                    .array();
            TestFiles.write(
                    folder.resolve(model.getKey() + ".safetensors"),
                    Map.of("w", new TestFiles.Tensor(DType.F32, "[1]", value)));
        }
    }

    /** An evaluator that prints {@code text}, with the distance from 4 in place of X. */
    private String printing(String text) throws IOException {
        Path script = Files.writeString(folder.resolve("evaluate.py"), """
                import struct, sys
                value = struct.unpack("<f", open(sys.argv[1], "rb").read()[-4:])[0]
                open(sys.argv[2] + "/asked", "a").write("x")
                print(sys.argv[3].replace("X", str(4 - value)))
                """);
        return "cmd:python3 '" + script + "' {checkpoint} '" + folder + "' '" + text + "'";
    }

    private Result greedy(String text, String... more) throws IOException {
        return command("greedy", text, more);
    }

    private Result command(String command, String text, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of(command, "--evaluator", printing(text)));
        if (!command.equals("evaluate") && !command.equals("diagnose")) {
            words.addAll(List.of("-o", folder.resolve("soup.safetensors").toString()));
        }
        words.addAll(List.of(more));
        for (String model : List.of("a", "b", "c")) {
            words.add(folder.resolve(model + ".safetensors").toString());
        }
        return run(words);
    }

    private int asked() throws IOException {
        Path log = folder.resolve("asked");
        return Files.exists(log) ? (int) Files.size(log) : 0;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"eval_loss\": X, \"accuracy\": 0.5} | | minimize | c",
                "val_loss: X | | minimize | c",
                "perplexity=X | | minimize | c",
                "{\"wer\": X} | --maximize | maximize | a",
                "{\"accuracy\": X} | | maximize | a",
                "{\"accuracy\": X} | --minimize | minimize | c",
                "X | | maximize | a",
                "X | --minimize | minimize | c",
                "X | --metric accuracy | maximize | a",
                "X | --metric loss --minimize | minimize | c",
                "{\"hellaswag\": X} | --maximize | maximize | a",
                "{\"hellaswag\": X} | --minimize | minimize | c",
                "{\"accuracy\": 0.5, \"loss\": X} | --metric loss | minimize | c",
                "{\"a\": {\"loss\": X}} | --metric a.loss | minimize | c",
            })
    void theNameOrTheOptionSaysWhatIsBetter(String text, String options, String direction, String best)
            throws IOException {
        String[] words = options == null ? new String[0] : options.split(" ");
        List<String> all = new ArrayList<>(List.of(words));
        all.add("--json");
        Result result = greedy(text, all.toArray(String[]::new));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("\"direction\" : \"" + direction + "\""), result.out());
        String json = result.out().substring(result.out().indexOf("best_individual"));
        assertTrue(json.contains(best + ".safetensors"), result.out());
        boolean assumed = options == null || !options.contains("imize");
        boolean unnamed = text.equals("X");
        assertEquals(
                assumed && (unnamed || direction.equals("minimize")),
                result.err().contains("note: ") && result.err().contains("counts as better"),
                result.err());
    }

    @Test
    void aDirectionAgainstTheNameIsWarnedOf() throws IOException {
        assertTrue(greedy("loss: X", "--maximize").err().contains("warning: the highest loss counts as the best"));
        assertFalse(greedy("loss: X", "--minimize", "--force").err().contains("warning: "));
        Result both = greedy("loss: X", "--minimize", "--maximize", "--force");
        assertEquals(2, both.exit());
        assertTrue(both.err().contains("exclude each other"), both.err());
    }

    @ParameterizedTest
    @ValueSource(strings = {"greedy", "diagnose", "learned --optimizer cma-es"})
    void anUnknownMetricIsAskedForAfterOneEvaluation(String command) throws IOException {
        String[] words = command.split(" ");
        List<String> more = List.of(words).subList(1, words.length);
        Result result = command(words[0], "{\"hellaswag\": X}", more.toArray(String[]::new));
        assertEquals(1, result.exit(), result.err());
        assertTrue(result.err().contains("hellaswag"), result.err());
        assertTrue(result.err().contains("--maximize") && result.err().contains("--minimize"), result.err());
        assertEquals(1, asked());
        Result named = command(
                words[0],
                "{\"hellaswag\": X}",
                List.of((command + " --metric hellaswag").split(" "))
                        .subList(1, words.length + 2)
                        .toArray(String[]::new));
        assertEquals(2, named.exit(), named.err());
        assertEquals(1, asked(), "where its name is given, before anything is scored");
    }

    @Test
    void evaluateNamesTheBest() throws IOException {
        assertTrue(command("evaluate", "loss: X").out().matches("(?s).*best: \\S+c\\.safetensors \\(lowest loss\\)\n"));
        assertTrue(command("evaluate", "loss: X", "--maximize").out().contains("a.safetensors (highest loss)"));
        assertFalse(command("evaluate", "hellaswag: X").out().contains("best: "));
    }

    @Test
    void aTableOfLossesIsSortedFromTheLowest() throws IOException {
        Path table = Files.writeString(folder.resolve("t.csv"), "name,lr,val_loss\na,0.1,3\nb,0.2,2\nc,0.3,0\n");
        Result result = greedy("{\"accuracy\": 0.5, \"val_loss\": X}", "--scores", table.toString());
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("trial 1: started with " + folder.resolve("c.safetensors")), result.err());
        assertTrue(result.err().contains("val_loss is minimized: lower counts as better"), result.err());
    }

    /** Neither another metric nor a number without a name is set beside a column of losses. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"accuracy\": X}", "X"})
    void aTablesMetricIsComparedWithNoOther(String text) throws IOException {
        Path table = Files.writeString(folder.resolve("t.csv"), "name,val_loss\na,3\nb,2\nc,0\n");
        Result result = greedy(text, "--scores", table.toString());
        assertEquals(1, result.exit(), result.err());
        assertTrue(result.err().contains("val_loss"), result.err());
        assertTrue(result.err().contains("hint: "), result.err());
        assertFalse(Files.exists(folder.resolve("soup.safetensors")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "name,accuracy | {\"accuracy\": X} | | 0",
                "name,accuracy | X | | 0",
                "name,score | {\"accuracy\": X} | | 0",
                "name,score | X | | 0",
                "name,score | {\"loss\": X} | | 1",
                "name,score | {\"loss\": X} | --minimize | 0",
                "name,score | {\"accuracy\": X} | --metric accuracy | 0",
                "name,hellaswag | {\"hellaswag\": X} | | 1",
                "name,hellaswag | {\"hellaswag\": X} | --maximize | 0",
            })
    void aTableWithoutAnotherMetricIsUsed(String head, String text, String option, int exit) throws IOException {
        Path table = Files.writeString(folder.resolve("t.csv"), head + "\na,3\nb,2\nc,0\n");
        List<String> words = new ArrayList<>(List.of("--scores", table.toString()));
        if (option != null) {
            words.addAll(List.of(option.split(" ")));
        }
        Result result = greedy(text, words.toArray(String[]::new));
        assertEquals(exit, result.exit(), result.err());
    }

    @Test
    void aWorkersMetricsAreCheckedBeforeAnythingIsScored() throws IOException {
        Path worker = Files.writeString(folder.resolve("worker.py"), """
                import sys
                sys.path.insert(0, "tools/evaluators")
                import stockpot_worker
                stockpot_worker.serve(
                    lambda checkpoint, batch: 1 / 0, name="w", identity="1", metrics=["accuracy", "hellaswag"])
                """);
        for (String[] words : List.of(
                new String[] {"acc", "", "did you mean --metric accuracy?"},
                new String[] {"hellaswag", "", "--minimize"},
                new String[] {"f1", "--maximize", "no metric f1 but accuracy, hellaswag"})) {
            List<String> all = new ArrayList<>(List.of(
                    "greedy",
                    "-o",
                    folder.resolve("soup.safetensors").toString(),
                    "--evaluator",
                    "worker:python3 '" + worker + "'",
                    "--metric",
                    words[0],
                    folder.resolve("a.safetensors").toString()));
            if (!words[1].isEmpty()) {
                all.add(words[1]);
            }
            Result result = run(all);
            assertTrue(result.exit() != 0 && result.err().contains(words[2]), result.err());
            assertFalse(result.err().contains("ZeroDivision"), result.err());
        }
    }

    @Test
    void aNestedMetricThatIsNamedNeedsNoNoteOfAnother() throws IOException {
        String nested = "{\"results\": {\"acc\": X, \"loss\": X}}";
        assertTrue(command("evaluate", nested).err().contains("the scores are nested: the first one decides"));
        for (String command : List.of("evaluate", "greedy", "diagnose")) {
            Result named = command(command, nested, "--metric", "results.loss");
            assertEquals(0, named.exit(), named.err());
            assertFalse(named.err().contains("the first one decides"), named.err());
        }
    }

    @Test
    void aMisspeltMetricIsAnsweredWithTheNearest() throws IOException {
        Result greedy = greedy("X", "--metric", "accurcy");
        assertEquals(2, greedy.exit());
        assertTrue(
                greedy.err().contains("did you mean accuracy? Otherwise add --maximize or --minimize"), greedy.err());
        assertEquals(0, asked());
        Result evaluate = command("evaluate", "{\"accuracy\": X}", "--metric", "accurcy");
        assertEquals(1, evaluate.exit());
        assertTrue(evaluate.err().contains("hint: did you mean --metric accuracy?"), evaluate.err());
        // What was scored is not lost by it.
        assertTrue(evaluate.out().contains("c.safetensors"), evaluate.out());
    }

    @Test
    void aShiftMayHaveAMetricOfItsOwn() throws IOException {
        Path report = folder.resolve("report");
        Result result = greedy(
                "{\"acc\": X}", "--report", report.toString(), "--shift-evaluator", "far=" + printing("{\"top1\": X}"));
        assertEquals(0, result.exit(), result.err());
        String page = Files.readString(report.resolve("scatter.svg"));
        assertTrue(page.contains("acc on the held-out set") && page.contains("top1 on far"), page);
        Result two = greedy(
                "{\"acc\": X}",
                "--force",
                "--report",
                folder.resolve("two").toString(),
                "--shift-evaluator",
                "far=" + printing("{\"top1\": X}"),
                "--shift-evaluator",
                "near=" + printing("{\"acc\": X}"));
        assertEquals(1, two.exit());
        assertTrue(
                two.err().contains("there is no mean of kinds of shift that are scored by top1 and by acc"), two.err());
    }
}
