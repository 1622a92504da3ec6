package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Stockpot writes and prints is the same in every locale, and with the Jackson of another program, to the byte. */
class EnvironmentsTest {
    /** Digits of their own in fa and ar, another capital of i in tr, a comma in de. */
    private static final String ENGLISH = "en-US";

    /** How long something took, and how fast it was. */
    private static final Pattern TIMES = Pattern.compile(
            "(\"seconds\" ?: ?)[0-9.E-]+|(,\"crc32c\":\")[0-9a-f]{8}| \\([0-9.]+ s(?:; [0-9]+ left, about [0-9.]+ s)?\\)");

    private static final Pattern OTHER_DIGITS = Pattern.compile("[\\p{Nd}&&[^0-9]]|\u066B");

    @TempDir
    static Path folder;

    private static Map<String, String> expected;

    @BeforeAll
    static void inEnglish() throws Exception {
        Random random = new Random(7);
        for (String name : List.of("a", "b", "c")) {
            Map<String, Tensor> model = new LinkedHashMap<>();
            for (String tensor : List.of("layer.1.w", "layer.1.b\\u00e4r", "layer.12.w")) {
                double[] values = random.doubles(600, -1, 1).toArray();
                model.put(tensor, Tensor.f32("[2,300]", values));
            }
            TestFiles.write(folder.resolve(name + ".safetensors"), model);
        }
        Files.writeString(folder.resolve("scores.csv"), "name,score\na,0.25\nb,1234567.5\nc,0.000125\n");
        // Depends on the values alone; a large metric, and a small one.
        Files.writeString(
                folder.resolve("score.sh"),
                "sum=$(tail -c 7200 \"$1\" | cksum | cut -d' ' -f1)\n"
                        + "echo \"{\\\"g\u00fcte\\\": 0.0000$((sum % 9000 + 1000)), \\\"large\\\": $sum.5}\"\n");
        expected = run(ENGLISH);
        // It would prove nothing if the commands failed.
        long failed = expected.entrySet().stream()
                .filter(file ->
                        file.getKey().matches("\\d+\\.txt") && !file.getValue().contains("\nexit 0\n"))
                .count();
        assertEquals(
                4,
                failed,
                () -> "compare twice, and two that should fail:\n"
                        + expected.entrySet().stream()
                                .filter(f -> f.getKey().endsWith(".txt")
                                        && !f.getValue().contains("\nexit 0\n"))
                                .map(Map.Entry::getValue)
                                .collect(Collectors.joining("\n")));
        assertTrue(expected.containsKey("shards/model-00001-of-00003.safetensors"), expected.keySet()::toString);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fa-IR", "ar-EG", "tr-TR", "de-DE", "hi-IN-u-nu-deva", "C"})
    void everyFileAndLineIsAsInEnglish(String locale) throws Exception {
        assertEquals(expected, run(locale));
    }

    /** Spark 3.5 has 2.15.2, which knows no limit for the length of names. */
    @Test
    void anOlderJacksonWritesAndReadsTheSame() throws Exception {
        Path older = Path.of("target/older/jackson-core-2.15.2.jar");
        assumeTrue(Files.exists(older), "Maven puts it there");
        List<String> classes = new ArrayList<>(List.of(older.toString()));
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(path -> !path.contains("jackson-core"))
                .forEach(classes::add);
        assertEquals(expected, run("older", ENGLISH, classes));
    }

    @Test
    void digitsAreOthersThere() {
        // Otherwise nothing above could fail.
        assertEquals("\u06F1", String.format(Locale.forLanguageTag("fa-IR"), "%d", 1));
        assertEquals("\u0661", String.format(Locale.forLanguageTag("ar-EG"), "%d", 1));
        assertEquals("d\u0131rect", "DIRECT".toLowerCase(Locale.forLanguageTag("tr-TR")));
    }

    /** Runs the commands in a process of that locale; returns what it left but for pages, by name. */
    private static Map<String, String> run(String locale) throws IOException, InterruptedException {
        return run(
                locale,
                locale,
                Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                        .toList());
    }

    private static Map<String, String> run(String name, String locale, List<String> classes)
            throws IOException, InterruptedException {
        Path own = Files.createDirectory(folder.resolve(name));
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1"));
        if (!locale.equals("C")) {
            Locale of = Locale.forLanguageTag(locale);
            command.add("-Duser.language=" + of.getLanguage());
            command.add("-Duser.country=" + of.getCountry());
            command.add("-Duser.extensions=" + (of.hasExtensions() ? "u-nu-deva" : ""));
        }
        command.add("-cp");
        command.add(classes.stream()
                .map(path -> new File(path).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator)));
        command.add(CommandRuns.class.getName());
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(own.toFile()).redirectErrorStream(true);
        builder.environment().put("LC_ALL", locale.equals("C") ? "C" : "C.UTF-8");
        builder.redirectOutput(folder.resolve(name + ".log").toFile());
        assertEquals(0, builder.start().waitFor(), Files.readString(folder.resolve(name + ".log")));
        Map<String, String> left = new TreeMap<>();
        try (Stream<Path> files = Files.walk(own)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                boolean text = file.toString().matches(".*\\.(txt|json|jsonl|csv|svg|html|md)");
                String content = new String(
                        Files.readAllBytes(file), text ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1);
                if (file.toString().endsWith(".html")) {
                    // It says how long the run took, but in Latin digits.
                    assertFalse(OTHER_DIGITS.matcher(content).find(), file::toString);
                    continue;
                }
                left.put(own.relativize(file).toString(), TIMES.matcher(content).replaceAll("$1$2"));
            }
        }
        return left;
    }
}
