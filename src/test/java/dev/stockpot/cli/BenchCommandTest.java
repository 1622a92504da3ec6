package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.stockpot.Stockpot;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.memory.NativeLibrary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tests that measuring works and leaves no files; numbers measured on a machine that runs tests mean nothing. */
class BenchCommandTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsTheNativeLibrary() {
        assumeTrue(NativeLibrary.isAvailable());
    }

    private Result run(String words) {
        return TestCommands.run(List.of(words.replace("DIR", folder.toString()).split(" ")));
    }

    private List<Path> left() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }

    @Test
    void measuresEverySoupAsOneDocumentAndLeavesNothing() throws IOException {
        Result result = run("bench --like clip-vit-b32 --size 1MB --rounds 1 --ingredients 2,3 --dtypes F32,BF16"
                + " --scratch DIR --json --quiet");
        assertEquals(0, result.exit(), result.err());
        assertEquals("", result.err());
        assertEquals(List.of(), left());
        Map<String, Integer> recipes = strings(result.out(), "recipe");
        // Per dtype: two counts to memory and to a file; if the disk supports direct I/O, two more from disk.
        int uniform = recipes.get("uniform");
        assertTrue(uniform == 2 * 4 || uniform == 2 * 6, result.out());
        assertEquals(2, recipes.get("dot"));
        assertTrue(strings(result.out(), "name").containsKey("memory read"));
    }

    private static Map<String, Integer> strings(String document, String field) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        try (JsonParser json = new JsonFactory().createParser(document)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                if (token == JsonToken.VALUE_STRING && field.equals(json.currentName())) {
                    counts.merge(json.getText(), 1, Integer::sum);
                }
            }
        }
        return counts;
    }

    @Test
    void tableNamesLimitsAndShares() throws IOException {
        Result result =
                run("bench --like bert-base --size 1MB --rounds 1 --ingredients 1 --dtypes F16 --scratch DIR --quiet");
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("of limit"), result.out());
        assertTrue(result.out().contains("page cache, mapped read"), result.out());
        assertEquals(List.of(), left());
    }

    @Test
    void refusesWhatDoesNotFitOnTheDisk() throws IOException {
        Result result = run("bench --size 100TB --scratch DIR --quiet");
        assertEquals(1, result.exit());
        assertTrue(result.err().contains("has no room"), result.err());
        assertEquals(List.of(), left());
    }

    @Test
    void wrongUsageExitsWithTwo() {
        assertEquals(2, run("bench --like gpt --scratch DIR").exit());
        assertEquals(2, run("bench --dtypes I64 --scratch DIR").exit());
        assertEquals(2, run("bench --rounds 0 --scratch DIR").exit());
        assertEquals(2, run("make-checkpoint -o DIR/x.safetensors").exit());
        assertEquals(
                2,
                run("make-checkpoint -o DIR/x.safetensors --like t5-base --tensors 3 --elements 1")
                        .exit());
    }

    @Test
    void makesACheckpointAndDoesNotReplaceOne() throws IOException {
        String words = "make-checkpoint --like t5-base --size 1MB --dtype BF16 -o DIR/t5.safetensors";
        Result made = run(words);
        assertEquals(0, made.exit(), made.err());
        assertEquals(
                26, Stockpot.open(folder.resolve("t5.safetensors")).tensors().size());
        Result again = run(words);
        assertEquals(1, again.exit());
        assertTrue(again.err().contains("--force"), again.err());
        assertEquals(0, run(words + " --force").exit());
        assertEquals(
                0,
                run("make-checkpoint --tensors 100 --elements 8 -o DIR/small.safetensors")
                        .exit());
        assertEquals(
                1, left().stream().filter(f -> f.endsWith("small.safetensors")).count());
    }
}
