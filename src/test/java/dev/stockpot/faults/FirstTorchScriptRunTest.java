package dev.stockpot.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first runs of libtorch, which extract it. Half a library would end every later run. */
class FirstTorchScriptRunTest {
    private static final long HALF = 200_000_000;
    private static final long ALL = 1_500_000_000;

    @TempDir
    Path folder;

    private Process evaluate(String name) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(List.of(
                "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"),
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-Dorg.bytedeco.javacpp.maxBytes=0",
                "-XX:ErrorFile=" + folder.resolve("dead-jvm.log"),
                "-cp",
                Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                        .map(entry -> new File(entry).getAbsolutePath())
                        .reduce((a, b) -> a + File.pathSeparator + b)
                        .orElseThrow(),
                "dev.stockpot.cli.Main",
                "evaluate",
                "--evaluator",
                "torchscript:src/test/resources/evaluate/model.torchscript.pt",
                "--data",
                "src/test/resources/evaluate/heldout.safetensors",
                "examples/ingredients/model_00.safetensors"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name).toFile())
                .start();
    }

    private long extracted() throws IOException {
        Path cache = folder.resolve("cache");
        if (!Files.isDirectory(cache)) {
            return 0;
        }
        long bytes = 0;
        try (Stream<Path> files = Files.walk(cache)) {
            for (Path file : files.toList()) {
                bytes += Files.isRegularFile(file) ? file.toFile().length() : 0;
            }
        }
        return bytes;
    }

    /** What a run printed, without how long it took. */
    private String printed(String name) throws IOException {
        return Files.readString(folder.resolve(name)).replaceAll(" \\([0-9.]+ s\\)", "");
    }

    @Test
    void aKillOrASecondRunMeanwhileBreaksNoLaterOne() throws Exception {
        assumeTrue(folder.toFile().getUsableSpace() > ALL, "libtorch needs room");
        Process killed = evaluate("killed.txt");
        while (killed.isAlive() && extracted() < HALF) {
            Thread.sleep(5);
        }
        killed.destroyForcibly().waitFor();
        List<Process> atOnce = List.of(evaluate("one.txt"), evaluate("other.txt"));
        for (Process run : atOnce) {
            assertTrue(run.waitFor(5, TimeUnit.MINUTES));
        }
        assertTrue(printed("one.txt").contains("accuracy"), printed("one.txt"));
        assertEquals(printed("one.txt"), printed("other.txt"));
        assertEquals(List.of(0, 0), atOnce.stream().map(Process::exitValue).toList());
        assertFalse(Files.exists(folder.resolve("dead-jvm.log")));
    }
}
