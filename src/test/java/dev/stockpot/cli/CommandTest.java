package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTest {
    private static final String A = "examples/ingredients/model_00.safetensors";
    private static final String B = "examples/ingredients/model_02.safetensors";

    @TempDir
    Path folder;

    private static Result run(Object... arguments) {
        return TestCommands.run(Arrays.stream(arguments).map(Object::toString).toList());
    }

    @Test
    void uniformWritesASoupAndOneLine() {
        Path out = folder.resolve("a soup.safetensors");
        Result result = run("uniform", "-o", out, A, B);
        assertEquals(0, result.exit(), result.err());
        assertTrue(Files.exists(out));
        assertEquals(1, result.out().lines().count(), result.out());
        assertEquals("", result.err());
    }

    @Test
    void likeKeepsTheStructureOfAPyTorchFile() {
        Path like = Path.of("src/test/resources/torch/timm_ema.pth.tar");
        Path out = folder.resolve("soup.pt");
        Result result = run("uniform", "--like", like, "-o", out, like);
        assertEquals(0, result.exit(), result.err());
        assertEquals(0, run("compare", "--key", "state_dict_ema", like, out).exit());
        Result wrong = run("uniform", "--like", like, "-o", folder.resolve("soup.safetensors"), like);
        assertEquals(1, wrong.exit());
        assertTrue(wrong.err().contains("is not a safetensors file but a zip archive"), wrong.err());
        Result directory = run("uniform", "--like", like, "-o", folder.resolve("soup"), like);
        assertEquals(2, directory.exit());
        assertTrue(directory.err().contains("--like needs an output that is a file of its format"), directory.err());
        assertEquals(
                1, run("uniform", "--like", A, "-o", folder.resolve("no.pt"), A).exit());
    }

    @Test
    void jsonIsOneDocumentOnStdout() throws IOException {
        Path soup = folder.resolve("soup.safetensors");
        assertDocument(
                run("uniform", "--json", "-o", soup, "--weights", "1,2", A, B).out());
        assertDocument(run("inspect", "--json", "--checksums", soup).out());
        assertDocument(run("compare", "--json", A, B).out());
        assertDocument(run("convert", "--json", "--dtype", "BF16", "-o", folder.resolve("c.safetensors"), A)
                .out());
        assertDocument(run("doctor", "--json").out());
    }

    @Test
    void aScheduleWeighsTheCheckpointsOfARun() {
        Path soup = folder.resolve("run.safetensors");
        Result json = run("uniform", "--json", "-o", soup, "--weights-from", "minus-sqrt", A, B, A, B);
        assertEquals(0, json.exit(), json.err());
        assertTrue(json.err().contains("weights from minus-sqrt, the oldest checkpoint's first: 0.5"), json.err());
        assertTrue(json.out().contains("\"weights_from\" : \"minus-sqrt\""), json.out());
        assertTrue(json.out().contains("0.2071067"), json.out());
        Result both = run("uniform", "--weights", "1,1", "--weights-from", "linear", "-o", soup, A, B);
        assertEquals(2, both.exit(), both.err());
        Result wrong = run("uniform", "--weights-from", "ema:2", "-o", soup, A, B);
        assertEquals(2, wrong.exit());
        assertTrue(wrong.err().contains("a decay should be at least 0 and less than 1 but got 2.0"), wrong.err());
    }

    private static void assertDocument(String text) throws IOException {
        try (JsonParser json = new JsonFactory().createParser(text)) {
            json.nextToken();
            json.skipChildren();
            assertEquals(null, json.nextToken(), text);
        }
        assertTrue(text.startsWith("{"), text);
    }

    @Test
    void compareExitsWithOneWhereTensorsDiffer() {
        assertEquals(0, run("compare", A, A).exit());
        Result result = run("compare", A, B);
        assertEquals(1, result.exit());
        assertTrue(result.out().contains("8 of 8 tensors differ"), result.out());
        assertEquals("", result.err());
    }

    @Test
    void convertKeepsEveryByteThroughADirectory() {
        Path directory = folder.resolve("model");
        assertEquals(
                0,
                run("convert", A, "-o", directory, "--max-shard-size", "100kB").exit());
        Path file = folder.resolve("model.safetensors");
        assertEquals(0, run("convert", directory, "-o", file).exit());
        assertEquals(0, run("compare", A, file).exit());
    }

    @ParameterizedTest
    @ValueSource(strings = {"soup.pt", "soup.pth", "soup.ckpt", "soup.bin", "SOUP.PT"})
    void endingsOfPyTorchFilesGiveZipArchives(String name) throws IOException {
        Path out = folder.resolve(name);
        Result result = run("uniform", "-o", out, A, B);
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains(name), result.out());
        try (ZipFile zip = new ZipFile(out.toFile())) {
            assertEquals(
                    "archive/data.pkl", zip.stream().findFirst().orElseThrow().getName());
        }
    }

    @Test
    void mixesFormatsToTheSameBytes() throws IOException {
        Path soup = folder.resolve("soup.safetensors");
        Path mixed = folder.resolve("mixed.safetensors");
        Path torch = Path.of("src/test/resources/torch");
        assertEquals(0, run("uniform", "-o", soup, A, B).exit());
        assertEquals(
                0, run("uniform", "-o", mixed, torch.resolve("model_00.pt"), B).exit());
        assertEquals(0, run("compare", soup, mixed).exit());
        assertEquals(0, run("compare", torch.resolve("model_00.pt"), A).exit());
    }

    @Test
    void inspectListsTheChoicesOfATorchFile() throws IOException {
        String timm = "src/test/resources/torch/timm_ema.pth.tar";
        Result text = run("inspect", timm);
        assertTrue(text.out().contains("--key state_dict: 9 tensors (shown)"), text.out());
        assertTrue(text.out().contains("--key state_dict_ema: 9 tensors"), text.out());
        Result json = run("inspect", "--json", "--key", "state_dict_ema", timm);
        assertDocument(json.out());
        assertTrue(
                json.out().replaceAll("\\s", "").contains("\"key\":\"state_dict_ema\",\"tensors\":9,\"chosen\":true"));
        assertFalse(run("inspect", "--json", A).out().contains("choices"));
        Result unknown = run("inspect", "--key", "nix", timm);
        assertEquals(1, unknown.exit());
        assertTrue(unknown.err().contains("has no key nix"), unknown.err());
        assertTrue(unknown.err().contains("hint: it has tensors under state_dict, state_dict_ema"), unknown.err());
    }

    @Test
    void aFlatOutputOfNestedIngredientsSaysHowToKeepTheirStructure() {
        String nested = "src/test/resources/torch/model_key.pth";
        String out = folder.resolve("soup.pth").toString();
        Result flat = run("uniform", "-o", out, nested);
        assertTrue(
                flat.err()
                        .contains("note: " + out + " gets the tensors alone; " + nested
                                + " has them under model: --like " + nested + " writes them there"),
                flat.err());
        assertTrue(run("inspect", nested).out().contains("--key model: "));
        String plain = "src/test/resources/torch/model_00.pt";
        for (List<String> words : List.of(
                List.of("uniform", "--force", "-o", out, "--like", nested, nested),
                List.of("uniform", "-o", folder.resolve("s.safetensors").toString(), nested),
                List.of("uniform", "--force", "-o", out, plain))) {
            Result quiet = TestCommands.run(words);
            assertEquals(0, quiet.exit(), quiet.err());
            assertFalse(quiet.err().contains("tensors alone"), quiet.err());
        }
    }

    @Test
    void stripsAPrefix() {
        Path lightning = Path.of("src/test/resources/torch/lightning.ckpt");
        Path module = Path.of("src/test/resources/torch/module_state_dict.pt");
        Path plain = folder.resolve("plain.safetensors");
        assertEquals(
                0,
                run("convert", lightning, "--strip-prefix", "model.", "-o", plain)
                        .exit());
        assertEquals(0, run("compare", plain, module).exit());
        assertEquals(1, run("inspect", lightning, "--strip-prefix", "module.").exit());
    }

    @Test
    void quietPrintsNoNotes() {
        Result noted = run("uniform", "-o", folder.resolve("a.safetensors"), A);
        assertTrue(noted.err().contains("note: one ingredient"), noted.err());
        Result twice = run("uniform", "-o", folder.resolve("b.safetensors"), A, A);
        assertTrue(twice.err().contains("warning: "), twice.err());
        Result quiet = run("uniform", "-q", "-o", folder.resolve("c.safetensors"), A);
        assertEquals("", quiet.err());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "uniform -o OUT.safetensors nowhere.safetensors | nowhere.safetensors",
                "uniform -o nowhere/soup.safetensors A B | does not exist",
                "uniform -o OUT.safetensors --backend cuda --device 7 A B | GPU",
                "inspect pom.xml | pom.xml",
                "inspect src | src"
            })
    void failuresAreOneLineAndExitWithOne(String words, String told) throws IOException {
        String line = words.replace("OUT", folder.resolve("out").toString());
        Result result = run(
                (Object[]) line.replace(" A", " " + A).replace(" B", " " + B).split(" "));
        assertEquals(1, result.exit(), result.err());
        assertEquals("", result.out());
        assertTrue(result.err().startsWith("error: "), result.err());
        assertTrue(result.err().contains(told), result.err());
        assertTrue(result.err().lines().allMatch(l -> l.startsWith("error: ") || l.startsWith("hint: ")), result.err());
        try (var files = Files.list(folder)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void anInterruptedRunSaysWhatIsThere() throws IOException {
        Path out = folder.resolve("soup.safetensors");
        Thread.currentThread().interrupt();
        Result nothing = run("uniform", "-o", out, A, B);
        // The run may have left it set, and the files below are another matter.
        Thread.interrupted();
        assertEquals(130, nothing.exit(), nothing.err());
        assertEquals("interrupted: nothing was written; the same command starts again\n", nothing.err());
        Files.createFile(out);
        Thread.currentThread().interrupt();
        Result replacing = run("uniform", "--force", "-o", out, A, B);
        Thread.interrupted();
        assertEquals("interrupted\n", replacing.err());
        assertEquals(0, Files.size(out));
    }

    @Test
    void helpHasExamplesForEveryCommand() {
        for (String command : StockpotCommand.COMMANDS.keySet()) {
            if (List.of("generate-reference", "cuda-check").contains(command)) {
                // They print text for other programs.
                continue;
            }
            Result result = run(command, "--help");
            assertEquals(0, result.exit());
            assertTrue(result.out().contains("Examples:"), command);
        }
    }
}
