package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole soups with {@code --backend cuda}, on the emulated card: the same bytes as on the CPU. */
class CudaCommandTest extends CudaCommands {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--weights 1,2,0.5",
                "--dtype F8_E4M3 --allow non-finite",
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
                        lines.get(0).matches("error: the GPU failed: cu.* returned CUDA_ERROR_ILLEGAL_ADDRESS"),
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

    /** Runs in a separate process, without the emulated driver. */
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
        // If the runtime is missing too, the loader names that first.
        assertTrue(output.startsWith("error: the GPU cannot be used: "), output);
        assertTrue(output.contains("libcuda"), output);
        assertEquals(2, output.lines().count(), output);
    }
}
