package dev.stockpot.generate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointGeneratorTest {
    private static final ModelShape CLIP = ModelShape.like(Architecture.CLIP_VIT_B32, DType.F32, 5_000_000);

    @TempDir
    Path folder;

    private Path write(ModelShape shape, int threads, long seed) throws InterruptedException {
        Path file = folder.resolve(threads + "-" + seed + ".safetensors");
        new CheckpointGenerator(shape, threads).write(file, seed);
        return file;
    }

    private static ByteBuffer values(TensorInfo tensor) throws IOException {
        byte[] all = Files.readAllBytes(tensor.source().file().orElseThrow());
        return ByteBuffer.wrap(Arrays.copyOfRange(all, (int) tensor.offset(), (int) (tensor.offset() + tensor.bytes())))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    @Test
    void dependsOnTheSeedAndNotOnTheThreads() throws Exception {
        assertEquals(-1, Files.mismatch(write(CLIP, 1, 7), write(CLIP, 5, 7)));
        assertNotEquals(-1, Files.mismatch(write(CLIP, 1, 7), write(CLIP, 1, 8)));
    }

    @Test
    void holdsTheTensorsOfItsShapeAndNothingElse() throws Exception {
        Checkpoint made = Checkpoint.open(write(CLIP, 2, 1));
        assertEquals(CLIP.tensors().size(), made.tensors().size());
        CLIP.tensors()
                .forEach(t ->
                        assertEquals(t.shape(), made.tensors().get(t.name()).shape()));
        try (var files = Files.list(folder)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void weightsAreNormalAndSmallAndScalesAreAroundOne() throws Exception {
        Checkpoint made = Checkpoint.open(write(CLIP, 2, 1));
        double[] weights = floats(made.tensors().get("text_model.embeddings.token_embedding.weight"));
        assertEquals(0, Arrays.stream(weights).average().orElseThrow(), 0.001);
        double square = Arrays.stream(weights).map(x -> x * x).average().orElseThrow();
        assertEquals(0.02, Math.sqrt(square), 0.001);
        double within = Arrays.stream(weights).filter(x -> Math.abs(x) < 0.02).count() / (double) weights.length;
        assertEquals(0.683, within, 0.02);
        double[] scales = floats(made.tensors().get("vision_model.post_layernorm.weight"));
        assertEquals(1, Arrays.stream(scales).average().orElseThrow(), 0.01);
    }

    private static double[] floats(TensorInfo tensor) throws IOException {
        ByteBuffer bytes = values(tensor);
        return IntStream.range(0, (int) tensor.elements())
                .mapToDouble(i -> bytes.getFloat(4 * i))
                .toArray();
    }

    @Test
    void positionsAreCounted() throws Exception {
        ByteBuffer bytes =
                values(Checkpoint.open(write(CLIP, 2, 1)).tensors().get("vision_model.embeddings.position_ids"));
        for (int i = 0; i < 50; i++) {
            assertEquals(i, bytes.getLong(8 * i));
        }
    }

    @Test
    void manySmallTensorsAndEmptyOnes() throws Exception {
        assertEquals(
                3000,
                Checkpoint.open(write(ModelShape.equal(3000, 5, DType.BF16), 2, 1))
                        .tensors()
                        .size());
        assertEquals(
                0,
                Checkpoint.open(write(ModelShape.equal(3, 0, DType.F16), 2, 2)).parameters());
    }

    @Test
    void sparseFilesAreZerosOfTheWholeLength() throws Exception {
        Path file = folder.resolve("sparse.safetensors");
        new CheckpointGenerator(ModelShape.like(Architecture.LLAMA_7B, DType.F16), 1).writeSparse(file);
        Checkpoint made = Checkpoint.open(file);
        assertEquals(6_738_415_616L, made.parameters());
        assertTrue(made.bytes() > 13_000_000_000L);
    }
}
