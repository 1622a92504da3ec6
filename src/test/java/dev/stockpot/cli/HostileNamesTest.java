package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.evaluate.command.CommandLineWords;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nothing that a command prints steers the terminal, whatever files, tensors, metadata, metrics and messages say. */
class HostileNamesTest {
    /** A title, a bell, a colour by C0 and by C1, text turned around, new lines of three kinds, and nothing harmful. */
    private static final String HOSTILE =
            "e\u001B]0;pwned\u0007\u001B[31m\u009B31m\u202Egnp\n\r\u2028\u2066\u007F\u00e9\uD83C\uDF72";

    /** The same in JSON. */
    private static final String IN_JSON = HOSTILE.replace("\u001B", "\\u001B")
            .replace("\u0007", "\\u0007")
            .replace("\n", "\\n")
            .replace("\r", "\\r");

    @TempDir
    Path folder;

    private final List<String> models = new ArrayList<>();

    @BeforeEach
    void write() throws IOException {
        for (int i = 0; i < 3; i++) {
            Map<String, Tensor> model = new LinkedHashMap<>();
            model.put("w" + IN_JSON, Tensor.f32("[2]", i, 1));
            model.put("l.1." + IN_JSON, Tensor.f32("[1]", 3 - i));
            Path file = folder.resolve(name(i + ".safetensors"));
            TestFiles.write(file, model);
            models.add(file.toString());
        }
        Files.writeString(
                folder.resolve("score.sh"),
                "case $2 in bad) printf '%s' '" + HOSTILE.replace("\n", "") + "' >&2; exit 3;; esac\n"
                        + "sum=$(tail -c 12 \"$1\" | cksum | cut -d' ' -f1)\n"
                        + "printf '%s' '{\"m" + IN_JSON + "\": 0.'$((sum % 9000 + 1000))'}'\n");
        Files.writeString(folder.resolve("index.json"), "{\"weight_map\": {\"" + IN_JSON + "\": \"" + IN_JSON + "\"}}");
    }

    /** A file's name, as hostile as this system's locale allows. */
    private static String name(String end) {
        String name = HOSTILE.replace("/", "") + end;
        try {
            return Path.of(name).toString();
        } catch (InvalidPathException e) {
            return name.replaceAll("[^\\x00-\\x7F]", "") + "-";
        }
    }

    @Test
    void nothingThatIsPrintedSteersTheTerminal() throws IOException {
        String scored = " --maximize --evaluator 'cmd:sh " + folder.resolve("score.sh") + " {checkpoint}'";
        for (String command : List.of(
                "uniform -o OUT.safetensors A B C",
                "uniform -o OUT --strip-prefix x A B C",
                "uniform -o OUT.safetensors --weights 1,x A B",
                "uniform -o missing/OUT A",
                "convert A -o OUT.pt",
                "convert A -o OUT-directory",
                "inspect A",
                "inspect --json --checksums A",
                "inspect OUT.pt",
                "inspect --key HOSTILE OUT.pt",
                "inspect --strip-prefix HOSTILE A",
                "inspect --verbose index.json",
                "inspect HOSTILE",
                "inspect --HOSTILE A",
                "HOSTILE A",
                "compare A B",
                "compare --json A B",
                "greedy -o OUT.greedy.safetensors --report OUT.report A B C" + scored,
                "greedy --json -o OUT-greedy-directory OUT-directory B" + scored,
                "greedy -o OUT.none --metric HOSTILE A B" + scored,
                "greedy -o OUT.none --verbose A B" + scored.replace("{checkpoint}", "{checkpoint} bad"),
                "learned -o OUT.learned.safetensors --optimizer cma-es --evaluations 3 A B" + scored,
                "learned --json -o OUT.again.safetensors --optimizer cma-es --evaluations 3 A B" + scored,
                "evaluate A B" + scored,
                "evaluate --json A B" + scored,
                "evaluate --metric HOSTILE A B" + scored,
                "evaluate --evaluator HOSTILE A B",
                "diagnose A B C" + scored,
                "diagnose --json A B C" + scored,
                "doctor HOSTILE")) {
            Result result = TestCommands.run(words(command));
            assertShown(result.out() + result.err(), command);
            boolean should =
                    !command.contains("HOSTILE") && !command.matches(".*(1,x|missing|bad|index|compare|strip).*");
            assertEquals(should, result.exit() == 0, () -> command + ": " + result.err());
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(f -> f.toString().matches("(?s).*\\.(html|svg|md)"))
                    .toList()) {
                assertShown(Files.readString(file).replace("\t", ""), file.toString());
            }
        }
    }

    @Test
    void whoParsesTheJsonGetsTheNames() throws IOException {
        Set<String> names = new TreeSet<>();
        String printed =
                TestCommands.run(List.of("inspect", "--json", models.get(0))).out();
        try (JsonParser json = new JsonFactory().createParser(printed)) {
            while (json.nextToken() != null) {
                if (json.currentToken() == JsonToken.VALUE_STRING && "name".equals(json.currentName())) {
                    names.add(json.getText());
                }
            }
        }
        assertEquals(Set.of("w" + HOSTILE, "l.1." + HOSTILE), names);
    }

    private List<String> words(String command) {
        return CommandLineWords.split(command).stream()
                .map(word -> switch (word) {
                    case "A" -> models.get(0);
                    case "B" -> models.get(1);
                    case "C" -> models.get(2);
                    case "index.json" -> folder.resolve(word).toString();
                    default ->
                        word.replace("OUT", folder.resolve(name("out")).toString())
                                .replace("HOSTILE", HOSTILE);
                })
                .toList();
    }

    /** The characters that may be printed, by the categories of Unicode rather than by the list in the code. */
    private static void assertShown(String text, String where) {
        text.codePoints()
                .filter(c -> c != '\n')
                .forEach(c -> assertTrue(
                        Set.of(
                                        Character.CONTROL,
                                        Character.FORMAT,
                                        Character.LINE_SEPARATOR,
                                        Character.PARAGRAPH_SEPARATOR,
                                        Character.SURROGATE)
                                .stream()
                                .noneMatch(type -> type == Character.getType(c)),
                        () -> String.format("U+%04X in %s: %s", c, where, text)));
    }
}
