package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.cli.TestCommands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code diagnose}, and {@code --report} of all commands that have it. */
class ReportCommandsTest {
    private static final List<String> MODELS = IntStream.range(0, 4)
            .mapToObj(i -> "examples/ingredients/model_0" + i + ".safetensors")
            .toList();

    /** Scores that look random but are the same for the same values. */
    private static final String BY_CONTENT = "cmd:sh -c 'sum=$(tail -c 20000 \"$0\" | cksum | cut -d\" \" -f1);"
            + " echo \"{\\\"accuracy\\\": 0.$((sum % 9000 + 1000))}\"' {checkpoint}";

    @TempDir
    Path folder;

    private static Result run(String... words) {
        List<String> typed = new ArrayList<>(List.of(words));
        typed.addAll(MODELS);
        return TestCommands.run(typed);
    }

    private List<String> files(Path in) throws IOException {
        try (Stream<Path> files = Files.list(in)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    private static String sha256(Path file) throws IOException {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void diagnosePrintsTablesAndJson() {
        Result text = run("diagnose");
        assertEquals(0, text.exit(), text.err());
        assertTrue(text.out().contains("good: Nothing in the weights speaks against a soup."), text.out());
        Result json = run("diagnose", "--json", "--evaluator", BY_CONTENT, "--points", "0,0.5,1", "--pairs", "2");
        assertEquals(0, json.exit(), json.err());
        for (String field : List.of("origin", "whole", "gram", "angles", "lines", "barrier", "findings", "meaning")) {
            assertTrue(json.out().contains("\"" + field + "\" : "), field);
        }
        assertEquals(2, json.out().split("\"barrier\" : ", -1).length - 1);
    }

    @Test
    void whatDiagnoseIsGivenWrongIsSaid() {
        assertEquals(2, run("diagnose", "--pairs", "none").exit());
        assertEquals(2, run("diagnose", "--data", "x").exit());
        assertEquals(
                2, run("diagnose", "--evaluator", BY_CONTENT, "--jobs", "0").exit());
        assertEquals(2, run("diagnose", "--points", "0,1").exit());
        assertEquals(1, run("diagnose", "--base", "nowhere").exit());
    }

    @Test
    void aTableThatDoesNotFitIsToldBeforeAnythingIsScored() throws IOException {
        Path shifted = Files.writeString(folder.resolve("shift.csv"), "name,acc\nmodel_00,0.5\n");
        Path out = folder.resolve("g.safetensors");
        String evaluator = "cmd:sh -c 'touch " + folder.resolve("asked") + "; echo 1' {checkpoint}";
        List<String> words = List.of("greedy", "-o", out.toString(), "--evaluator", evaluator);
        for (String option : List.of("--shift-scores", "--hyperparameters")) {
            List<String> all = new ArrayList<>(words);
            all.addAll(List.of(option, option.equals("--shift-scores") ? shifted.toString() : "nowhere.csv"));
            assertEquals(1, run(all.toArray(String[]::new)).exit());
        }
        assertFalse(Files.exists(folder.resolve("asked")));
        assertFalse(Files.exists(out));
    }

    /** Such an evaluator has data of its own: its scores would be those of the held-out set once more. */
    @Test
    void shiftedDataIsRefusedForAnEvaluatorThatTakesNone() throws IOException {
        Path data = Files.writeString(folder.resolve("shifted.safetensors"), "");
        for (String recipe : List.of("greedy", "learned")) {
            Result result = run(
                    recipe,
                    "-o",
                    folder.resolve("s.safetensors").toString(),
                    "--evaluator",
                    "cmd:sh -c 'echo 1' {checkpoint}",
                    "--report",
                    folder.resolve("r").toString(),
                    "--shift-data",
                    data.toString());
            assertEquals(2, result.exit(), result.err());
            assertTrue(result.err().contains("--shift-scores"), result.err());
        }
    }

    @Test
    void everyRecipeWritesItsReport() throws IOException {
        Path hyperparameters = Files.writeString(
                folder.resolve("hp.json"), "{\"model_00\": {\"lr\": 0.001, \"augmentation\": \"<b>flip</b>\"}}");
        Path shifted = Files.writeString(
                folder.resolve("shift.csv"), "name,acc\nmodel_00,0.5\nmodel_01,0.6\nmodel_02,0.7\nmodel_03,0.4\n");
        Path uniform = folder.resolve("uniform");
        Result result = run("uniform", "-o", folder.resolve("u.pt").toString(), "--report", uniform.toString());
        assertEquals(0, result.exit(), result.err());
        assertEquals(List.of("distances.svg", "index.html"), files(uniform));
        assertTrue(result.err().contains("the report is "), result.err());

        Path greedy = folder.resolve("greedy");
        Path events = folder.resolve("events");
        result = run(
                "greedy",
                "-o",
                folder.resolve("g").toString(),
                "--evaluator",
                BY_CONTENT,
                "--report",
                greedy.toString(),
                "--tensorboard",
                events.toString(),
                "--hyperparameters",
                hyperparameters.toString(),
                "--shift-scores",
                shifted.toString());
        assertEquals(0, result.exit(), result.err());
        assertEquals(List.of("distances.svg", "greedy-path.svg", "index.html", "scatter.svg"), files(greedy));
        String page = Files.readString(greedy.resolve("index.html"));
        assertTrue(page.contains("&lt;b&gt;flip&lt;/b&gt;") && !page.contains("<b>flip"));
        assertTrue(page.contains(sha256(Path.of(MODELS.get(0)))), "the hash that sha256sum prints");
        assertEquals(1, files(events).size());
        assertTrue(Files.readString(folder.resolve("g/README.md")).contains("recipe `greedy`"));

        Path diagnosis = folder.resolve("diagnosis");
        result = run(
                "diagnose",
                "--base",
                MODELS.get(0),
                "--evaluator",
                BY_CONTENT,
                "--points",
                "0,0.5,1",
                "--report",
                diagnosis.toString());
        assertEquals(0, result.exit(), result.err());
        assertEquals(
                List.of("angles.svg", "distances.svg", "index.html", "lines.svg", "tensors.svg"), files(diagnosis));
    }

    @Test
    void aLearnedSoupsReportHasItsCoefficients() throws IOException {
        Path report = folder.resolve("learned");
        Result result = run(
                "learned",
                "-o",
                folder.resolve("l.safetensors").toString(),
                "--evaluator",
                BY_CONTENT,
                "--optimizer",
                "cma-es",
                "--evaluations",
                "12",
                "--granularity",
                "tensor",
                "--keep-worse",
                "--report",
                report.toString());
        assertEquals(0, result.exit(), result.err());
        assertEquals(List.of("alpha.svg", "distances.svg", "index.html"), files(report));
    }

    @Test
    void anOutputHasTheSameBytesWithAndWithoutAReport() throws IOException {
        Path plain = folder.resolve("plain");
        Path reported = folder.resolve("reported");
        assertEquals(0, run("uniform", "-o", plain.toString()).exit());
        assertEquals(
                0,
                run(
                                "uniform",
                                "-o",
                                reported.toString(),
                                "--report",
                                folder.resolve("r").toString())
                        .exit());
        assertEquals(files(plain), files(reported));
        for (String file : files(plain)) {
            assertEquals(-1, Files.mismatch(plain.resolve(file), reported.resolve(file)), file);
        }
        assertFalse(Files.readString(plain.resolve("README.md")).contains(folder.toString()));
    }
}
