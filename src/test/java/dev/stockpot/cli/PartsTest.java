package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.tensor.DType;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Outputs that are written in parts and joined are those of one run. */
class PartsTest extends Parts {
    static Stream<Arguments> recipesAndParts() {
        return Stream.of(
                        "uniform m0 m1 m2",
                        "uniform --weights 0.5,0.3,0.2 --dtype BF16 --hash m0 m1 m2",
                        "uniform p0 p1",
                        "merge --method ties --base m0 -p density=0.5 -p weight=0.7 m1 m2",
                        "merge --json dare.yml",
                        "merge chain.yml")
                .flatMap(recipe -> Stream.of(1, 2, 7, 16).map(parts -> Arguments.of(recipe, parts)));
    }

    @ParameterizedTest
    @MethodSource("recipesAndParts")
    void haveTheBytesOfOneRun(String recipe, int parts) throws Exception {
        done(recipe + SHARDS + " -o whole");
        assertTrue(content("whole").keySet().stream().anyMatch(name -> name.contains("-00003-of-")));
        List<Integer> order = new ArrayList<>();
        for (int part = 1; part <= parts; part++) {
            order.add(part);
        }
        Collections.shuffle(order, new Random(parts));
        for (int part : order) {
            assertFalse(Files.exists(folder.resolve("out")));
            done(recipe + SHARDS + " -o out --part " + part + "/" + parts);
        }
        done("index out");
        assertSame("whole", "out");
        assertEquals(List.of(), left());
    }

    @Test
    void sayWhatEachOfThemIs() throws Exception {
        Result one = done("uniform -o out --part 1/3" + SHARDS + " m0 m1");
        assertTrue(
                one.out()
                        .matches("(?s).*out\\.parts/part-1-of-3: model directory, part 1/3 of the uniform soup of 2.*"),
                one.out());
        for (int part = 2; part <= 3; part++) {
            done("uniform -o out --part " + part + "/3" + SHARDS + " m0 m1");
        }
        Result joined = done("index out --json");
        assertTrue(joined.out().contains("\"tensors\" : 18"), joined.out());
    }

    @Test
    void needAModelDirectoryAndNothingThatIsDoneOnce() {
        for (String wrong : List.of(
                "uniform -o soup.safetensors --part 1/2 m0 m1 | --part needs an output that is a model directory",
                "uniform -o out --part 3/2 m0 m1 | a part should be from 1/2 to 2/2 but got 3/2",
                "uniform -o out --part 0/2 m0 m1 | a part should be from 1/2 to 2/2 but got 0/2",
                "uniform -o out --part 2 m0 m1 | should be a part such as 3/16 but got '2'",
                "uniform -o out --part 1/2 --recipe x.yml m0 m1 | --part and --recipe do not go together",
                "merge chain.yml -o out --part 1/2 --report r | --part and --report do not go together")) {
            String[] parts = wrong.split(" \\| ");
            Result result = run(parts[0]);
            assertEquals(2, result.exit(), result.err());
            assertTrue(result.err().contains(parts[1]), result.err());
        }
    }

    /** A killed part leaves no part, and what it leaves goes with the next run of it. */
    @Test
    void aPartThatIsKilledIsMissingAndRunsAgain() throws Exception {
        long[] shape = {64L << 20};
        List<String> ingredients = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            Path model = Files.createDirectory(folder.resolve("large" + k));
            TestFiles.sparse(model.resolve("model.safetensors"), "w", DType.F32, shape);
            Files.writeString(model.resolve("config.json"), "{}");
            ingredients.add(model.toString());
        }
        List<String> words = new ArrayList<>(List.of("uniform", "-o", path("out"), "--part", "1/1"));
        words.addAll(ingredients);
        Path parts = folder.resolve("out.parts");
        Process process = start(words);
        while (process.isAlive() && !isBegun(parts)) {
            Thread.sleep(1);
        }
        process.destroyForcibly();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS));
        assertEquals(128 + 9, process.exitValue(), "it ended before it was killed");
        assertTrue(isBegun(parts));
        assertTrue(error("index out").contains("has no part"));
        assertEquals(0, TestCommands.run(words).exit());
        assertFalse(isBegun(parts));
        done("index out");
        List<String> whole = new ArrayList<>(List.of("uniform", "-o", path("whole")));
        whole.addAll(ingredients);
        assertEquals(0, TestCommands.run(whole).exit());
        assertEquals(
                -1, Files.mismatch(folder.resolve("whole/model.safetensors"), folder.resolve("out/model.safetensors")));
    }

    /** Whether a part is there under its temporary name. */
    private static boolean isBegun(Path parts) throws IOException {
        if (!Files.exists(parts)) {
            return false;
        }
        try (Stream<Path> files = Files.list(parts)) {
            return files.anyMatch(file -> file.getFileName().toString().startsWith(".part-1-of-1."));
        }
    }

    private Process start(List<String> words) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        String classes = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(path -> new File(path).getAbsolutePath())
                .reduce((a, b) -> a + File.pathSeparator + b)
                .orElseThrow();
        command.addAll(List.of("-cp", classes, "dev.stockpot.cli.Main"));
        command.addAll(words);
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
