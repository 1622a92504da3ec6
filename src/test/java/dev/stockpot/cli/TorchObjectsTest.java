package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Soups of files that PyTorch wrote with objects and several mappings in them. */
class TorchObjectsTest {
    private static final Path FILES = Path.of("src/test/resources/torch/objects");
    private static final Pattern GLOBAL = Pattern.compile("\n([A-Za-z_.]+)\n");

    @TempDir
    Path folder;

    private static String file(String kind, int number) {
        return FILES.resolve(kind + "_" + number + ".pt").toString();
    }

    private static Result run(String... words) {
        return TestCommands.run(List.of(words));
    }

    /** The names of classes and functions, and the short texts, in a file's pickle. */
    private static Set<String> words(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            String name = zip.stream()
                    .map(e -> e.getName())
                    .filter(n -> n.endsWith("data.pkl"))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = zip.getInputStream(zip.getEntry(name)).readAllBytes();
            String pickle = new String(bytes, StandardCharsets.ISO_8859_1);
            Set<String> words = new TreeSet<>();
            Matcher global = GLOBAL.matcher(pickle);
            while (global.find()) {
                words.add(global.group(1));
            }
            for (int at = 0; at + 5 < bytes.length; at++) {
                int length = bytes[at + 1];
                boolean text = pickle.startsWith("\0\0\0", at + 2) && bytes[at] == 'X' && length > 0;
                if (text && at + 5 + length <= bytes.length) {
                    words.add(pickle.substring(at + 5, at + 5 + length));
                }
            }
            return words;
        }
    }

    private static OpenOptions key(String key) {
        return OpenOptions.builder().key(key).build();
    }

    @ParameterizedTest
    @CsvSource({
        "fairseq, model",
        "timm, state_dict state_dict_ema",
        "opennmt, model generator",
        "lightning, state_dict",
        "mmengine, state_dict",
        "transformer_engine, model"
    })
    void everyMappingOfWeightsIsAveragedAndAllElseIsKept(String kind, String keys) throws Exception {
        Path out = folder.resolve("soup.pt");
        Result result = run("uniform", "--like", file(kind, 1), "-o", out.toString(), file(kind, 1), file(kind, 2));
        assertEquals(0, result.exit(), result.err());
        assertFalse(result.err().contains("left out"), result.err());
        for (String key : keys.split(" ")) {
            Checkpoint a = Checkpoint.open(Path.of(file(kind, 1)), key(key));
            Checkpoint b = Checkpoint.open(Path.of(file(kind, 2)), key(key));
            Checkpoint soup = Checkpoint.open(out, key(key));
            for (String name : a.tensors().keySet()) {
                if (a.tensor(name).dtype().isFloat()) {
                    double[] mean = a.doubles(name);
                    double[] other = b.doubles(name);
                    for (int i = 0; i < mean.length; i++) {
                        mean[i] = (float) ((mean[i] + other[i]) / 2);
                    }
                    assertArrayEquals(mean, soup.doubles(name), key + "." + name);
                }
            }
        }
        Set<String> lost = words(Path.of(file(kind, 1)));
        lost.removeAll(words(out));
        // Empty bytes are written in another way, and a name's line may follow a module's at once.
        lost.removeAll(Set.of("bytes", "ctorch_objects"));
        assertEquals(Set.of(), lost);
        loadsInPyTorch(kind, out, keys);
    }

    /** The code that loads the first ingredient loads the soup, and finds the same in it. */
    private static void loadsInPyTorch(String kind, Path out, String keys) throws Exception {
        String program = "src/test/python/torch_objects.py";
        List<String> words = new ArrayList<>(List.of("python3", "-B", program, "check", file(kind, 1), file(kind, 2)));
        words.add(out.toString());
        words.addAll(List.of(keys.split(" ")));
        String has =
                "import importlib.util as u, sys; sys.exit(any(u.find_spec(m) is None for m in ('torch', 'numpy')))";
        if (new ProcessBuilder("python3", "-c", has).start().waitFor() != 0) {
            return;
        }
        Process check = new ProcessBuilder(words).redirectErrorStream(true).start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, check.waitFor(), said);
    }

    @Test
    void namesWhatIsNotRead() {
        String out = folder.resolve("soup.pt").toString();
        String said = run("uniform", "-o", out, file("opennmt", 1), file("opennmt", 2))
                .err();
        assertTrue(
                said.contains(
                        "opennmt_1.pt and 1 more: model is read, but not generator (1 tensor), optim (2 tensors)"),
                said);
        said = run("uniform", "--force", "-o", out, file("transformer_engine", 1), file("transformer_engine", 2))
                .err();
        assertTrue(
                said.contains("not read, as they are no tensors: 0._extra_state (_io.BytesIO), scale (float)"), said);
        assertTrue(said.contains("though others differ: 1._extra_state"), said);
        said = run("uniform", "--force", "-o", out, file("arrays", 1), file("arrays", 2))
                .err();
        assertTrue(said.contains("NumPy arrays are read as tensors: little, big, columns, none, counts"), said);
        assertTrue(said.contains("no tensors: words (a NumPy array), scalar (a NumPy number)"), said);
        said = run("convert", "--force", "-o", out, file("timm", 1)).err();
        assertTrue(
                said.contains("state_dict is read, but not state_dict_ema (2 tensors), optimizer (2 tensors)"), said);
    }

    @Test
    void theWholeFileIsReadWithWordsOnWhatIsNoWeight() {
        String out = folder.resolve("soup.pt").toString();
        Result result = run("uniform", "--key", ".", "-o", out, file("opennmt", 1), file("opennmt", 2));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.err().contains("opt (argparse.Namespace)"), result.err());
        assertTrue(
                result.err()
                        .contains("states of the training are read like weights: optim.optimizer.state.0.step, "
                                + "optim.optimizer.state.0.exp_avg"),
                result.err());
    }

    @Test
    void severalKeysAreReadAtOnceUnlessTheirNamesAreTheSame() {
        Path out = folder.resolve("soup.safetensors");
        String soup = out.toString();
        Result result = run(
                "uniform", "--key", "model", "--key", "generator", "-o", soup, file("opennmt", 1), file("opennmt", 2));
        assertEquals(0, result.exit(), result.err());
        assertEquals(
                Set.of("encoder.0.weight", "0.weight"),
                Checkpoint.open(out).tensors().keySet());
        result = run("inspect", "--key", "state_dict", "--key", "state_dict_ema", file("timm", 1));
        assertEquals(1, result.exit());
        assertTrue(
                result.err().contains("0.weight under more than one of the keys state_dict, state_dict_ema"),
                result.err());
        assertTrue(result.err().contains("hint: --like FILE"), result.err());
        result = run("inspect", "--key", ".", "--key", "model", file("opennmt", 1));
        assertTrue(result.err().contains("has model within ., so both cannot be read at once"), result.err());
    }

    @Test
    void warnsOfWeightsThatOnlyTheStructureHas() {
        String out = folder.resolve("soup.pt").toString();
        Result plain = run(
                "convert",
                "--key",
                "state_dict",
                "-o",
                folder.resolve("a.safetensors").toString(),
                file("timm", 1));
        assertEquals(0, plain.exit(), plain.err());
        Result like = run(
                "convert",
                "--like",
                file("timm", 1),
                "-o",
                out,
                folder.resolve("a.safetensors").toString());
        assertEquals(0, like.exit(), like.err());
        assertTrue(
                like.err().contains("warning: ") && like.err().contains("state_dict_ema (2 tensors) is not averaged"),
                like.err());
        assertTrue(
                like.err().contains("keeps, as they are there: epoch, arch, state_dict_ema, optimizer, args"),
                like.err());
    }

    @Test
    void inspectListsOnlyMappingsWithTensors() {
        String said = run("inspect", file("lightning", 1)).out();
        assertTrue(said.contains("--key callbacks.ModelCheckpoint{'monitor': 'loss'}: 1 tensors"), said);
        assertFalse(said.contains(": 0 tensors"), said);
    }

    /** Values as NumPy shows them, row by row, whatever their order in the file. */
    @ParameterizedTest
    @CsvSource({"arrays_1", "arrays_protocol5"})
    void readsArraysAsTensors(String name) {
        Checkpoint read = Checkpoint.open(FILES.resolve(name + ".pt"));
        double[] numbers = {0, 1, 2, 3, 4, 5};
        for (String array : List.of("little", "big", "columns")) {
            assertEquals(List.of(2L, 3L), read.tensor(array).shape(), array);
            assertArrayEquals(numbers, read.doubles(array), array);
        }
        assertEquals(
                "F32 F64 F16 I64",
                List.of("little", "big", "columns", "counts").stream()
                        .map(array -> read.tensor(array).dtype().toString())
                        .reduce((a, b) -> a + " " + b)
                        .orElseThrow());
        assertEquals(List.of(0L, 3L), read.tensor("none").shape());
        assertEquals(5, read.tensors().size());
    }
}
