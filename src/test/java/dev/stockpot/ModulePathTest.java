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

    /** Deltas 3 4 and 0 10 have lengths 5 and 10, 7.5 on average: scaled, 4.5 6 and 0 7.5, with a mean of 2.25 6.75. */
    @Test
    void aProgramAddsAMergeMethodOfItsOwn() throws Exception {
        write("module-info.java", "module program { requires dev.stockpot; }");
        write("program/EqualLengths.java", """
                package program;

                import dev.stockpot.formula.*;
                import dev.stockpot.merge.*;
                import java.util.*;

                public final class EqualLengths implements MergeMethod {
                    @Override
                    public String name() {
                        return "equal_lengths";
                    }

                    @Override
                    public String description() {
                        return "The mean of deltas, each first scaled to the mean length of all.";
                    }

                    @Override
                    public List<Parameter> parameters() {
                        return List.of(Parameter.number("lambda", 0, 10, OptionalDouble.of(1), "What the mean is multiplied with."));
                    }

                    @Override
                    public Base base() {
                        return Base.REQUIRED;
                    }

                    @Override
                    public int fewest() {
                        return 1;
                    }

                    @Override
                    public int most() {
                        return Integer.MAX_VALUE;
                    }

                    @Override
                    public Step merge(MergeTensor tensor) {
                        FormulaBuilder f = Formula.builder();
                        for (int k = 0; k < tensor.models(); k++) {
                            FormulaBuilder.Value delta = f.sub(f.source(k), f.source(tensor.baseSource()));
                            f.dot(delta, delta);
                        }
                        return new Step.Measure(f.build(), totals -> combine(tensor, weights(tensor, totals.sums())));
                    }

                    private static double[] weights(MergeTensor tensor, double[] squares) {
                        int n = squares.length;
                        double mean = 0;
                        for (double square : squares) {
                            mean += Math.sqrt(square) / n;
                        }
                        double[] weights = new double[n];
                        for (int k = 0; k < n; k++) {
                            weights[k] = squares[k] == 0 ? 0 : tensor.number("lambda") * mean / Math.sqrt(squares[k]) / n;
                        }
                        return weights;
                    }

                    private static Step combine(MergeTensor tensor, double[] weights) {
                        FormulaBuilder f = Formula.builder();
                        FormulaBuilder.Value base = f.source(tensor.baseSource());
                        FormulaBuilder.Value sum = base;
                        List<Double> told = new ArrayList<>();
                        for (int k = 0; k < weights.length; k++) {
                            sum = f.fma(f.constant(weights[k]), f.sub(f.source(k), base), sum);
                            told.add(weights[k]);
                        }
                        f.out(sum);
                        return new Step.Told(List.of(new Fact.ByModel("weights", told)), new Step.Combine(f.build()));
                    }
                }
                """);
        write("program/Main.java", """
                package program;

                import dev.stockpot.Stockpot;
                import dev.stockpot.checkpoint.*;
                import dev.stockpot.recipe.*;
                import dev.stockpot.run.Run;
                import dev.stockpot.soup.MergedModel;
                import dev.stockpot.soup.options.MergeOptions;
                import java.nio.file.Path;
                import java.util.*;

                public final class Main {
                    public static void main(String[] arguments) throws Exception {
                        Map<String, Checkpoint> models = Map.of(
                                "base", Checkpoint.inMemory("base").put("w", List.of(2L), 1, 1).build(),
                                "a", Checkpoint.inMemory("a").put("w", List.of(2L), 4, 5).build(),
                                "b", Checkpoint.inMemory("b").put("w", List.of(2L), 1, 11).build());
                        Recipe recipe = Recipe.of("equal_lengths",
                                Optional.of("base"),
                                List.of(
                                        Recipe.Source.of("a"),
                                        Recipe.Source.of("b")), Map.of("lambda", new Setting.Constant(2.0)));
                        MergedModel merged = MergedModel.of(
                                recipe, models::get, MergeOptions.defaults().withMethod(new EqualLengths()));
                        System.out.println(merged.planned().get(0).passes());
                        Path out = Path.of(arguments[0]);
                        merged.write(out, WriteOptions.defaults(), Run.defaults(), (tensor, facts) ->
                                System.out.println(tensor + " " + facts));
                        System.out.println(Arrays.toString(Stockpot.open(out).floats("w")));
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
                folder.resolve("merged.safetensors").toString());
        assertEquals(
                List.of("2", "w [ByModel[name=weights, values=[1.5, 0.75]]]", "[5.5, 14.5]"),
                printed.lines().toList());
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
