package dev.stockpot.cli;

import static dev.stockpot.cli.TestCommands.run;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.cli.TestCommands.Result;
import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Greedy and learned soups with {@code --backend cuda}: the same results as on the CPU. */
class CudaSearchesTest extends CudaCommands {
    /** Scores that look random but are the same for the same values. */
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
        // With room for only some of the ingredients, and for none.
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
        // One thread: with several, the number of calls depends on how they share the work.
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
            // A call that frees something may fail unnoticed; one of the next does not.
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
}
