package dev.stockpot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that is its own module, compiled and run as its developer would. */
class ModulePathTest {
    private static final List<String> NEEDED =
            List.of("javacpp", "jackson-core", "protobuf-java", "commons-math3", "jspecify");

    @TempDir
    Path folder;

    private String modules;

    @BeforeEach
    void findModules() {
        modules = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.endsWith("target" + File.separator + "classes")
                        || NEEDED.stream()
                                .anyMatch(name ->
                                        Path.of(entry).getFileName().toString().matches(name + "-[0-9].*\\.jar")))
                .collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void aSoupIsMadeOnTheModulePath() throws Exception {
        write("module-info.java", "module program { requires dev.stockpot; }");
        write("program/Main.java", """
                package program;

                import dev.stockpot.Stockpot;
                import dev.stockpot.checkpoint.Checkpoint;
                import java.nio.file.Path;
                import java.util.List;

                public final class Main {
                    public static void main(String[] arguments) throws Exception {
                        if (!Stockpot.class.getModule().getName().equals("dev.stockpot")) {
                            throw new AssertionError("not on the module path");
                        }
                        Checkpoint zeros = Checkpoint.inMemory("zeros").put("w", List.of(2L), 0, 2).build();
                        Checkpoint ones = Checkpoint.inMemory("ones").put("w", List.of(2L), 1, 4).build();
                        Path out = Path.of(arguments[0]);
                        Stockpot.uniform(zeros, ones).write(out);
                        float[] soup = Stockpot.open(out).floats("w");
                        System.out.println(soup[0] + " " + soup[1] + " " + Stockpot.kernels().name());
                    }
                }
                """);
        assertEquals("", compile());
        String printed = run(
                "java",
                "-p",
                modules + File.pathSeparator + folder.resolve("classes"),
                "-m",
                "program/program.Main",
                folder.resolve("soup.safetensors").toString());
        assertEquals("0.5 3.0 " + Stockpot.kernels().name(), printed.trim());
    }

    @Test
    void whatIsNotOfTheApiIsOutOfReach() throws Exception {
        write("module-info.java", "module program { requires dev.stockpot; }");
        write("program/Main.java", "package program; class Main { dev.stockpot.kernel.Kernels kernels; }");
        String errors = compile();
        assertTrue(errors.contains("dev.stockpot.kernel is not visible"), errors);
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve("sources").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private String compile() throws Exception {
        return run(
                "javac",
                "-p",
                modules,
                "-d",
                folder.resolve("classes").toString(),
                "--module-source-path",
                "program=" + folder.resolve("sources"),
                "-m",
                "program");
    }

    /** Runs a JDK tool; returns its stdout and stderr together. */
    private String run(String tool, String... arguments) throws Exception {
        Path java = Path.of(System.getProperty("java.home"), "bin", tool);
        ProcessBuilder builder = new ProcessBuilder(java.toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().remove("JAVA_TOOL_OPTIONS");
        Process process = builder.redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
}
