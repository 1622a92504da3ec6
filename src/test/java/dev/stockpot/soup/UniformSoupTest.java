package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.Stockpot;
import dev.stockpot.TestFiles;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.SoupException;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.Run;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UniformSoupTest extends UniformSoups {
    private static final Path INGREDIENTS = Path.of("examples/ingredients");

    @Test
    void equalsTheAverageThatPyTorchGave() throws Exception {
        List<Path> models = new ArrayList<>();
        for (int k = 0; k < 8; k++) {
            models.add(INGREDIENTS.resolve("model_0" + k + ".safetensors"));
        }
        Checkpoint soup = write(Stockpot.uniform(models), "soup.safetensors", Engine.on(KernelSelection.best()));
        Checkpoint expected = Stockpot.open(Path.of("src/test/resources/ingredients/expected_uniform.safetensors"));
        assertEquals(expected.tensors().keySet(), soup.tensors().keySet());
        for (TensorInfo tensor : expected.tensors().values()) {
            TensorInfo made = soup.tensors().get(tensor.name());
            assertEquals(TensorDigest.sha256(tensor), TensorDigest.sha256(made), tensor.name());
        }
    }

    @Test
    void mixesIntoMemoryWhatItWrites() throws Exception {
        List<Path> models =
                List.of(INGREDIENTS.resolve("model_00.safetensors"), INGREDIENTS.resolve("model_02.safetensors"));
        Checkpoint written = write(Stockpot.uniform(models), "soup.safetensors", Engine.on(KernelSelection.best()));
        List<TensorInfo> tensors =
                List.copyOf(Stockpot.open(models.get(0)).tensors().values());
        Map<String, ByteBuffer> buffers = new LinkedHashMap<>();
        tensors.forEach(t -> buffers.put(t.name(), ByteBuffer.allocateDirect((int) t.bytes())));
        Map<String, TensorMemory> memory = new LinkedHashMap<>();
        buffers.forEach((name, buffer) -> memory.put(name, TensorMemory.of(buffer)));
        Stockpot.uniform(models).mixInto(memory, Run.defaults());
        byte[] file = bytes(written);
        for (TensorInfo tensor : written.tensors().values()) {
            ByteBuffer expected = ByteBuffer.wrap(file, (int) tensor.offset(), (int) tensor.bytes());
            assertEquals(expected, buffers.get(tensor.name()), tensor.name());
        }
    }

    @Test
    void ofOneModelSeveralTimesIsThatModel() throws Exception {
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        ByteBuffer values = ByteBuffer.allocate(4 * 999).order(ByteOrder.LITTLE_ENDIAN);
        Random random = new Random(1);
        for (int i = 0; i < 999; i++) {
            values.putFloat((float) random.nextGaussian());
        }
        model.put("w", new TestFiles.Tensor(DType.F32, "[27,37]", values.array()));
        Path file = TestFiles.write(folder.resolve("model.safetensors"), model);
        for (int n : new int[] {2, 3, 7, 70}) {
            Checkpoint soup = write(
                    Stockpot.uniform(Collections.nCopies(n, file)),
                    "soup.safetensors",
                    Engine.on(KernelSelection.best()));
            assertEquals(
                    TensorDigest.sha256(Stockpot.open(file).tensors().get("w")),
                    TensorDigest.sha256(soup.tensors().get("w")),
                    n + " copies");
        }
    }

    @Test
    void weightsOfOneEqualNoWeights() throws Exception {
        UniformSoup soup = Stockpot.uniform(models(3));
        Checkpoint plain = write(soup, "plain.safetensors", Engine.on(KernelSelection.best()));
        Checkpoint weighted =
                write(soup.withWeights(1, 1, 1), "weighted.safetensors", Engine.on(KernelSelection.best()));
        for (TensorInfo tensor : plain.tensors().values()) {
            assertEquals(
                    TensorDigest.sha256(tensor),
                    TensorDigest.sha256(weighted.tensors().get(tensor.name())));
        }
    }

    @Test
    void mixesOneTensorIntoTheCallersMemory() throws Exception {
        UniformSoup soup = Stockpot.uniform(models(3));
        Checkpoint written = write(soup, "soup.safetensors", Engine.on(KernelSelection.best()));
        for (TensorInfo tensor : written.tensors().values()) {
            ByteBuffer direct = ByteBuffer.allocateDirect((int) tensor.bytes());
            soup.mix(tensor.name(), direct);
            byte[] mixed = new byte[(int) tensor.bytes()];
            direct.flip().get(mixed);
            byte[] file = Files.readAllBytes(written.path());
            byte[] stored = Arrays.copyOfRange(file, (int) tensor.offset(), (int) (tensor.offset() + tensor.bytes()));
            assertArrayEquals(stored, mixed, tensor.name());
        }
    }

    @Test
    void listsNamesThatDiffer() throws Exception {
        Path a = single("a", "x", "both");
        Path b = single("b", "both", "y");
        SoupException failure = assertThrows(
                SoupException.class,
                () -> write(Stockpot.uniform(List.of(a, b)), "soup.safetensors", Engine.on(KernelSelection.best())));
        assertTrue(failure.getMessage().contains("lacks 1 tensor (x)"), failure.getMessage());
        assertTrue(failure.getMessage().contains("has in addition 1 tensor (y)"), failure.getMessage());
        assertNothingLeft();
    }

    @Test
    void skipsOrKeepsWhatNotAllHave() throws Exception {
        UniformSoup soup = Stockpot.uniform(List.of(single("a", "x", "both"), single("b", "both", "y")));
        Checkpoint skipped =
                write(soup.withOnMissing(OnMissing.SKIP), "skip.safetensors", Engine.on(KernelSelection.best()));
        assertEquals(Set.of("both"), skipped.tensors().keySet());
        Checkpoint kept =
                write(soup.withOnMissing(OnMissing.KEEP), "keep.safetensors", Engine.on(KernelSelection.best()));
        assertEquals(Set.of("both", "x", "y"), kept.tensors().keySet());
        TensorInfo y = Stockpot.open(folder.resolve("b.safetensors")).tensors().get("y");
        assertEquals(TensorDigest.sha256(y), TensorDigest.sha256(kept.tensors().get("y")));
    }

    @Test
    void refusesWeightsThatDoNotFit() throws Exception {
        UniformSoup soup = Stockpot.uniform(models(2));
        assertThrows(SoupException.class, () -> soup.withWeights(1));
        assertThrows(SoupException.class, () -> soup.withWeights(1, Double.NaN));
        SoupException zero = assertThrows(
                SoupException.class,
                () -> write(soup.withWeights(1, -1), "zero.safetensors", Engine.on(KernelSelection.best())));
        assertTrue(zero.getMessage().contains("sum to 0.0"), zero.getMessage());
        write(
                soup.withWeights(1, -1).withoutNormalizing(),
                "difference.safetensors",
                Engine.on(KernelSelection.best()));
    }

    private Path single(String file, String... tensors) throws IOException {
        Map<String, TestFiles.Tensor> model = new LinkedHashMap<>();
        for (String name : tensors) {
            model.put(name, new TestFiles.Tensor(DType.F16, "[2]", new byte[] {0, 0x3C, (byte) name.length(), 0x3C}));
        }
        return TestFiles.write(folder.resolve(file + ".safetensors"), model);
    }
}
