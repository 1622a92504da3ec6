package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.text.JsonValues;
import java.io.IOException;
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

/** Tests searches for a merge's parameters with a command as evaluator. */
class SearchCommandTest {
    /** Where the planted optimum is: the weights of a and b. */
    private static final double A = 0.3;

    private static final double B = 0.8;

    @TempDir
    private Path folder;

    /** With these the merge's values are the two weights themselves, in the file's last eight bytes. */
    @BeforeEach
    void models() throws IOException {
        TestFiles.write(folder.resolve("base.safetensors"), Map.of("w", Tensor.f32("[2]", 0, 0)));
        TestFiles.write(folder.resolve("a.safetensors"), Map.of("w", Tensor.f32("[2]", 1, 0)));
        TestFiles.write(folder.resolve("b.safetensors"), Map.of("w", Tensor.f32("[2]", 0, 1)));
        Files.writeString(folder.resolve("recipe.yml"), """
                merge_method: task_arithmetic
                base_model: base.safetensors
                models:
                  - model: a.safetensors
                    parameters:
                      weight: {search: {low: 0, high: 1}}
                  - model: b.safetensors
                    parameters:
                      weight:
                        - filter: w
                          value: {search: {low: -1, high: 1, start: 0}}
                """);
    }

    /** The squared distance from the optimum; says in a log that it was asked. */
    private String evaluator(String before) throws IOException {
        Path script = folder.resolve("evaluator.sh");
        Files.writeString(
                script,
                before + "echo . >> '" + folder.resolve("log") + "'\n"
                        + "tail -c 8 \"$1\" | od -A n -t fF | awk '{ printf \"loss: %.9f\\n\", ($1 - " + A
                        + ")^2 + ($2 - " + B
                        + ")^2 }'\n");
        Files.deleteIfExists(folder.resolve("log"));
        Files.writeString(folder.resolve("log"), "");
        return "cmd:sh '" + script + "' {checkpoint}";
    }

    private List<String> search(String out, String evaluator, String... more) {
        List<String> words = new ArrayList<>(List.of(
                "search",
                folder.resolve("recipe.yml").toString(),
                "-o",
                folder.resolve(out).toString(),
                "--evaluator",
                evaluator));
        words.addAll(List.of(more));
        return words;
    }

    @ParameterizedTest
    @CsvSource({"cma-es, 120", "greedy, 60"})
    void findsAPlantedOptimum(String optimizer, String evaluations) throws IOException {
        Path found = folder.resolve("found.yml");
        Result done = run(search(
                "merged.safetensors",
                evaluator(""),
                "--optimizer",
                optimizer,
                "--evaluations",
                evaluations,
                "--json",
                "--recipe",
                found.toString()));
        assertEquals(0, done.exit(), done.err());
        float[] weights = Checkpoint.open(folder.resolve("merged.safetensors")).floats("w");
        assertEquals(A, weights[0], 0.01, done.out());
        assertEquals(B, weights[1], 0.01, done.out());
        Map<?, ?> json = (Map<?, ?>) JsonValues.read(done.out());
        Map<?, ?> second = (Map<?, ?>) ((List<?>) json.get("parameters")).get(1);
        assertEquals("weight of b.safetensors for w", second.get("name"));
        assertEquals(weights[1], (Double) second.get("value"), 1e-7);
        // The result is a recipe.
        Result same = run(List.of(
                "merge",
                found.toString(),
                "--check",
                folder.resolve("merged.safetensors").toString()));
        assertEquals(0, same.exit(), same.err() + same.out());
    }

    @Test
    void goesOnWhereItWasKilled() throws Exception {
        String[] how = {"--evaluations", "12"};
        assertEquals(0, run(search("whole.safetensors", evaluator(""), how)).exit());
        int all = Files.readAllLines(folder.resolve("log")).size();
        assertEquals(12, all);
        // The sixth evaluation kills the command that started it, which has no chance to clean up.
        Files.writeString(folder.resolve("victim"), "");
        String killer = evaluator("n=$(wc -l < '" + folder.resolve("log") + "')\nif [ $n -eq 5 ] && [ -e '"
                + folder.resolve("victim") + "' ]; then\n  rm '" + folder.resolve("victim")
                + "'; kill -9 $PPID; exit 1\nfi\n");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.stockpot.cli.Main"));
        command.addAll(search("soup.safetensors", killer, how));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertEquals(128 + 9, process.waitFor());
        assertFalse(Files.exists(folder.resolve("soup.safetensors")));
        Result second = run(search("soup.safetensors", killer, how));
        assertEquals(0, second.exit(), second.err());
        assertTrue(second.err().contains("(from the journal)"), second.err());
        assertEquals(all, Files.readAllLines(folder.resolve("log")).size());
        assertEquals(-1, Files.mismatch(folder.resolve("whole.safetensors"), folder.resolve("soup.safetensors")));
    }

    @Test
    void aRecipeNeedsRangesForASearchAndNoneForAMerge() throws IOException {
        Result merged = run(List.of(
                "merge",
                folder.resolve("recipe.yml").toString(),
                "-o",
                folder.resolve("merged.safetensors").toString()));
        assertEquals(1, merged.exit());
        assertTrue(merged.err().contains("'weight of a.safetensors' is a range to be searched"), merged.err());
        Path recipe = folder.resolve("recipe.yml");
        String text = Files.readString(recipe);
        Files.writeString(recipe, text.replaceAll("\\{search: .*}}", "1"));
        Result none = run(search("merged.safetensors", evaluator("")));
        assertEquals(1, none.exit());
        assertTrue(none.err().contains("leaves nothing to a search"), none.err());
        for (String wrong :
                List.of("{low: 1, high: 0}", "{low: 0}", "{low: 0, high: 1, start: 2}", "{low: a, high: 1}")) {
            Files.writeString(recipe, text.replace("{low: 0, high: 1}", wrong));
            Result refused = run(search("merged.safetensors", evaluator("")));
            assertEquals(1, refused.exit());
            assertTrue(refused.err().contains("recipe.yml, line 6, column "), refused.err());
        }
    }
}
