package dev.stockpot.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** Whole soups with {@code --backend cuda}, on the emulated card: the same bytes as on the CPU. */
class CudaCommandTest {
    private static final List<String> MODELS = IntStream.range(0, 8)
            .mapToObj(i -> "examples/ingredients/model_0" + i + ".safetensors")
            .toList();

    @TempDir
    Path folder;

    private long live;
    private long violations;

    private record Result(int exit, String out, String err) {}

    @BeforeEach
    void count() {
        assumeTrue(CudaEmulator.isAvailable(), "the native library is not built");
        CudaEmulator.setDevices(1);
        CudaEmulator.leaveFree(1 << 30);
        live = CudaEmulator.live();
        violations = CudaEmulator.violations();
    }

    @AfterEach
    void nothingIsLeftAndNothingWasWrong() {
        if (CudaEmulator.isAvailable()) {
            CudaEmulator.fail(0, 0);
            CudaEmulator.setDevices(0);
            assertEquals(live, CudaEmulator.live());
            assertEquals(violations, CudaEmulator.violations());
        }
    }

    private static Result run(List<String> words) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] typed = words.toArray(String[]::new);
        CommandLine line = Commands.parser(typed);
        line.setOut(new PrintWriter(out));
        line.setErr(new PrintWriter(err));
        return new Result(line.execute(typed), out.toString(), err.toString());
    }

    private static List<String> words(String command, Path out, List<String> ingredients, String... more) {
        List<String> words = new ArrayList<>(List.of(command, "-o", out.toString(), "--force"));
        words.addAll(List.of(more));
        words.addAll(ingredients);
        return words;
    }

    /** Runs a command and returns its output's bytes. */
    private byte[] soup(String command, List<String> ingredients, String... more) throws IOException {
        Path out = folder.resolve("soup.safetensors");
        Result result = run(words(command, out, ingredients, more));
        assertEquals(0, result.exit(), result.err());
        return Files.readAllBytes(out);
    }

    private List<String> randomModels() throws IOException {
        List<String> paths = new ArrayList<>();
        for (int seed = 0; seed < 3; seed++) {
            Path path = folder.resolve("m" + seed + ".safetensors");
            paths.add(TestFiles.write(path, TestFiles.randomModel(new Random(seed)))
                    .toString());
        }
        return paths;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--weights 1,2,0.5",
                "--dtype F8_E4M3",
                "--threads 1",
                "--threads 7 --device-memory 2MiB",
                "--io mmap",
                "--io read --dtype F64"
            })
    void aUniformSoupHasTheBytesOfTheCpu(String options) throws IOException {
        List<String> models = randomModels();
        List<String> more = new ArrayList<>(
                Stream.of(options.split(" ")).filter(w -> !w.isEmpty()).toList());
        byte[] cpu = soup(
                "uniform",
                models,
                Stream.concat(more.stream(), Stream.of("--backend", "cpu")).toArray(String[]::new));
        long launches = CudaEmulator.launches();
        byte[] cuda = soup(
                "uniform",
                models,
                Stream.concat(more.stream(), Stream.of("--backend", "cuda")).toArray(String[]::new));
        assertTrue(CudaEmulator.launches() > launches);
        assertTrue(Arrays.equals(cpu, cuda));
    }

    @Test
    void aTensorOfManyTilesHasTheBytesOfTheCpu() throws IOException {
        List<String> models = new ArrayList<>();
        for (int seed = 0; seed < 3; seed++) {
            TestFiles.Tensor tensor = TestFiles.random(DType.BF16, 3_000_001, new Random(seed));
            models.add(TestFiles.write(folder.resolve("t" + seed), Map.of("w", tensor))
                    .toString());
        }
        assertTrue(Arrays.equals(
                soup("uniform", models, "--backend", "cpu"), soup("uniform", models, "--backend", "cuda")));
    }

    /** Scores that look like chance but are the same for the same values. */
    private String evaluator() throws IOException {
        Path script = Files.writeString(
                folder.resolve("score"),
                "#!/bin/sh\nsum=$(tail -c 20000 \"$1\" | cksum | cut -d' ' -f1)\necho 0.$((sum % 9000 + 1000))\n");
        assertTrue(script.toFile().setExecutable(true));
        return "cmd:'" + script + "' {checkpoint}";
    }

    @Test
    void aGreedySoupHasTheBytesOfTheCpuAndBringsEachIngredientOnce() throws IOException {
        String evaluator = evaluator();
        byte[] cpu = soup("greedy", MODELS, "--backend", "cpu", "--fresh", "--evaluator", evaluator);
        long uploaded = CudaEmulator.uploaded();
        byte[] cuda = soup("greedy", MODELS, "--backend", "cuda", "--fresh", "--evaluator", evaluator);
        uploaded = CudaEmulator.uploaded() - uploaded;
        assertTrue(Arrays.equals(cpu, cuda));
        long bytes = 0;
        for (String model : MODELS) {
            bytes += Files.size(Path.of(model));
        }
        assertTrue(uploaded <= bytes, uploaded + " bytes of " + bytes);
        // With room for some of the ingredients alone, and for none.
        for (String memory : List.of("2500KiB", "2MiB")) {
            assertTrue(Arrays.equals(
                    cpu,
                    soup(
                            "greedy",
                            MODELS,
                            "--backend",
                            "cuda",
                            "--device-memory",
                            memory,
                            "--fresh",
                            "--evaluator",
                            evaluator)));
        }
    }

    @Test
    void autoTakesTheGpuForSearchesThatPayAndGoesOnWithoutIt() throws IOException {
        String evaluator = evaluator();
        byte[] cpu = soup("greedy", MODELS, "--backend", "cpu", "--fresh", "--evaluator", evaluator);
        long launches = CudaEmulator.launches();
        long calls = CudaEmulator.calls();
        // One thread: how many calls there are would depend on how several share the work.
        String[] options = {"--fresh", "--threads", "1", "--evaluator", evaluator};
        assertTrue(Arrays.equals(cpu, soup("greedy", MODELS, options)));
        assertTrue(CudaEmulator.launches() > launches);
        calls = CudaEmulator.calls() - calls;

        Path out = folder.resolve("soup.safetensors");
        String failure = "CUDA_ERROR_ECC_UNCORRECTABLE";
        for (long n : new long[] {1, calls / 3, calls / 2}) {
            CudaEmulator.fail(n, 214);
            Result result = run(words("greedy", out, MODELS, options));
            assertEquals(0, result.exit(), result.err());
            // A call that gives something back may fail unnoticed; one of the next does not.
            for (long next = n + 1; next < n + 20 && !result.err().contains(failure); next++) {
                CudaEmulator.fail(next, 214);
                result = run(words("greedy", out, MODELS, options));
                assertEquals(0, result.exit(), result.err());
            }
            assertTrue(result.err().contains(failure), result.err());
            assertTrue(Arrays.equals(cpu, Files.readAllBytes(out)));
        }

        launches = CudaEmulator.launches();
        soup("greedy", MODELS.subList(0, 3), "--fresh", "--evaluator", evaluator);
        soup("uniform", MODELS);
        assertEquals(launches, CudaEmulator.launches());
    }

    /** Noise with labels: enough to have gradients. */
    private Path noise(int images) throws IOException {
        Random random = new Random(5);
        ByteBuffer labels = ByteBuffer.allocate(8 * images).order(ByteOrder.LITTLE_ENDIAN);
        random.ints(images, 0, 10).forEach(label -> labels.putLong(label));
        byte[] inputs = new byte[28 * 28 * images];
        random.nextBytes(inputs);
        return TestFiles.write(
                folder.resolve("data.safetensors"),
                Map.of(
                        "labels",
                        new TestFiles.Tensor(DType.I64, "[" + images + "]", labels.array()),
                        "inputs",
                        new TestFiles.Tensor(DType.U8, "[" + images + ",1,28,28]", inputs)));
    }

    @Test
    void aLearnedSoupHasTheCoefficientsOfTheCpu() throws IOException {
        Path data = noise(32);
        String evaluator = "torchscript:src/test/resources/evaluate/model.torchscript.pt";
        List<List<String>> documents = new ArrayList<>();
        for (String backend : List.of("cpu", "cuda", "auto")) {
            Path out = folder.resolve(backend + ".safetensors");
            Result result = run(words(
                    "learned",
                    out,
                    MODELS.subList(0, 3),
                    "--json",
                    "--quiet",
                    "--fresh",
                    "--keep-worse",
                    "--granularity",
                    "tensor",
                    "--epochs",
                    "1",
                    "--batch-size",
                    "16",
                    "--backend",
                    backend,
                    "--evaluator",
                    evaluator,
                    "--data",
                    data.toString()));
            assertEquals(0, result.exit(), result.err());
            documents.add(
                    result.out().lines().filter(l -> !l.contains("\"output\"")).toList());
        }
        assertEquals(documents.get(0), documents.get(1));
        assertEquals(documents.get(0), documents.get(2));
        assertEquals(-1, Files.mismatch(folder.resolve("cpu.safetensors"), folder.resolve("cuda.safetensors")));
    }

    @Test
    void everyCallThatFailsEndsInOneLineAndNoOutput() throws IOException {
        List<String> models = MODELS.subList(0, 2);
        byte[] expected = soup("uniform", models, "--backend", "cpu");
        Path out = folder.resolve("failing.safetensors");
        List<String> words = words("uniform", out, models, "--backend", "cuda", "--threads", "2");
        long calls = CudaEmulator.calls();
        assertEquals(0, run(words).exit());
        calls = CudaEmulator.calls() - calls;
        int failed = 0;
        for (int n = 1; n <= calls; n++) {
            Files.deleteIfExists(out);
            CudaEmulator.fail(n, 700);
            Result result = run(words);
            if (result.exit() == 0) {
                assertTrue(Arrays.equals(expected, Files.readAllBytes(out)));
            } else {
                failed++;
                List<String> lines = result.err().lines().toList();
                assertEquals(2, lines.size(), result.err());
                assertTrue(
                        lines.get(0).matches("error: the GPU failed: cu.* gave CUDA_ERROR_ILLEGAL_ADDRESS"),
                        lines.get(0));
                assertTrue(lines.get(1).startsWith("hint: "), lines.get(1));
                assertFalse(Files.exists(out));
            }
            assertEquals(live, CudaEmulator.live(), "after call " + n + " failed");
        }
        assertTrue(failed > 20, failed + " of " + calls);
    }

    @Test
    void doctorNamesTheCardAndTheArithmetic() {
        Result result = run(List.of("doctor"));
        assertEquals(0, result.exit(), result.err());
        assertTrue(result.out().contains("Emulated card, compute capability 9.0, "), result.out());
        assertTrue(result.out().contains("greedy from 8"), result.out());
    }

    /** In a process of its own, without the emulated driver. */
    @Test
    void withoutADriverOneLineSaysSo() throws Exception {
        for (String library : List.of("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")) {
            assumeTrue(!Files.exists(Path.of(library, "libcuda.so.1")), "there is a driver here");
        }
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.stockpot.cli.Main"));
        command.addAll(words("uniform", folder.resolve("out.safetensors"), MODELS, "--backend", "cuda"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().remove("LD_LIBRARY_PATH");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(1, process.waitFor(), output);
        // Where the runtime is missing too, the loader names that first.
        assertTrue(output.startsWith("error: the GPU cannot be used: "), output);
        assertTrue(output.contains("libcuda"), output);
        assertEquals(2, output.lines().count(), output);
    }
}
