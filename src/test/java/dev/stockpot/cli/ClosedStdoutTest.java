package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands without a stdout, where descriptor 1 may be a file of the JVM's own. */
class ClosedStdoutTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"doctor", "--help", "uniform --help", "inspect examples/ingredients/model_00.safetensors"})
    void theResultThatCannotBePrintedIsAnError(String words) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                "sh",
                "-c",
                "exec \"$@\" >&-",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // Without an archive of classes the JVM's modules are the first file that it opens, as descriptor 1.
                "-Xshare:off",
                "-XX:ErrorFile=" + folder.resolve("hs_err.log"),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.stockpot.cli.Main"));
        command.addAll(List.of(words.split(" ")));
        Path errors = folder.resolve("stderr.txt");
        Process process =
                new ProcessBuilder(command).redirectError(errors.toFile()).start();
        assertEquals(1, process.waitFor(), Files.readString(errors));
        assertTrue(
                Files.readString(errors).contains("error: the result could not be written to stdout"),
                Files.readString(errors));
    }
}
