package dev.stockpot.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.soup.Soup;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints that a program builds, and the values of any checkpoint. */
class CheckpointsInMemoryTest {
    @TempDir
    Path folder;

    @Test
    void aSoupOfThemHasTheBytesOfASoupOfFiles() throws Exception {
        Random random = new Random(2);
        List<Checkpoint> files = new ArrayList<>();
        List<Checkpoint> inMemory = new ArrayList<>();
        List<Checkpoint> mixed = new ArrayList<>();
        for (int k = 0; k < 3; k++) {
            Map<String, Tensor> model = TestFiles.randomModel(random);
            files.add(Checkpoint.open(TestFiles.write(folder.resolve(k + ".safetensors"), model)));
            CheckpointBuilder builder = Checkpoint.inMemory("model " + k);
            files.get(k).tensors().forEach((name, tensor) -> {
                byte[] values = model.get(name).values();
                boolean direct = name.hashCode() % 2 == 0;
                ByteBuffer buffer = direct
                        ? ByteBuffer.allocateDirect(values.length).put(values).flip()
                        : ByteBuffer.wrap(values).asReadOnlyBuffer();
                builder.put(name, tensor.dtype(), tensor.shape(), buffer);
            });
            inMemory.add(builder.metadata(files.get(k).metadata()).build());
            mixed.add(k == 1 ? inMemory.get(k) : files.get(k));
        }
        Checkpoint expected = written(UniformSoup.of(files).withWeights(1, 2, 3), "files");
        assertSame(expected, written(UniformSoup.of(inMemory).withWeights(1, 2, 3), "in memory"));
        assertSame(expected, written(UniformSoup.of(mixed).withWeights(1, 2, 3), "mixed"));
    }

    private Checkpoint written(UniformSoup soup, String name) throws Exception {
        return soup.write(folder.resolve(name + ".safetensors"));
    }

    /** The same but for the recipe, which names files, and so cannot be written of models in memory. */
    private static void assertSame(Checkpoint expected, Checkpoint found) throws Exception {
        Map<String, String> metadata = new HashMap<>(expected.metadata());
        assertNotNull(metadata.remove(Soup.RECIPE));
        assertEquals(metadata, found.metadata());
        assertEquals(
                List.copyOf(expected.tensors().keySet()),
                List.copyOf(found.tensors().keySet()));
        assertArrayEquals(values(expected), values(found));
    }

    private static byte[] values(Checkpoint file) throws Exception {
        byte[] bytes = Files.readAllBytes(file.path());
        int header = (int) ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        return Arrays.copyOfRange(bytes, 8 + header, bytes.length);
    }

    @Test
    void valuesAreReadAsTheyAreAndAsFloats() throws Exception {
        Map<String, Tensor> model = new LinkedHashMap<>();
        model.put("half", Tensor.bf16("[2,2]", 1, -2.5, 1e30, 0));
        model.put("single", Tensor.f32("[3]", 0.1, Float.MAX_VALUE, -0.0));
        model.put("double", Tensor.f64("[]", Math.PI));
        model.put("flags", new Tensor(DType.BOOL, "[2]", new byte[] {1, 0}));
        Checkpoint checkpoint = Checkpoint.open(TestFiles.write(folder.resolve("a.safetensors"), model));
        for (String name : List.of("half", "single", "double")) {
            assertArrayEquals(model.get(name).decoded(), checkpoint.doubles(name));
            double[] decoded = model.get(name).decoded();
            float[] floats = checkpoint.floats(name);
            for (int i = 0; i < decoded.length; i++) {
                assertEquals((float) decoded[i], floats[i]);
            }
        }
        ByteBuffer flags = ByteBuffer.allocate(5).position(2).limit(4);
        checkpoint.read("flags", flags);
        assertArrayEquals(new byte[] {0, 0, 1, 0, 0}, flags.array());
        assertEquals(4, flags.position());

        assertThrows(IllegalArgumentException.class, () -> checkpoint.floats("flags"));
        assertThrows(IllegalArgumentException.class, () -> checkpoint.read("flags", ByteBuffer.allocate(3)));
        CheckpointException none = assertThrows(CheckpointException.class, () -> checkpoint.floats("other"));
        assertEquals(Reason.NO_SUCH_TENSOR, none.reason());
        assertEquals("other", none.tensor().orElseThrow());
    }

    @Test
    void aLongTensorIsReadWhole() throws Exception {
        double[] values = new Random(3).doubles(100_003).toArray();
        Path file = TestFiles.write(folder.resolve("long.safetensors"), Map.of("w", Tensor.f64("[100003]", values)));
        assertArrayEquals(values, Checkpoint.open(file).doubles("w"));
    }

    @Test
    void aProgramsArrayIsTakenAsItIsNow() {
        float[] array = {1, 2};
        Checkpoint checkpoint =
                Checkpoint.inMemory("mine").put("w", List.of(2L), array).build();
        array[0] = 9;
        assertArrayEquals(new float[] {1, 2}, checkpoint.floats("w"));
        assertEquals("memory", checkpoint.format());
        assertEquals(List.of(), checkpoint.files());
        assertEquals(8, checkpoint.bytes());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        CheckpointBuilder builder = Checkpoint.inMemory("mine").put("w", List.of(2L), 1, 2);
        assertThrows(IllegalArgumentException.class, () -> builder.put("w", List.of(1L), 1));
        assertThrows(IllegalArgumentException.class, () -> builder.put("v", List.of(3L), 1, 2));
        TensorSpec spec = new TensorSpec("v", DType.F16, List.of(3L));
        TensorMemory five = TensorMemory.of(ByteBuffer.allocate(5));
        IllegalArgumentException e = assertThrows(IllegalArgumentException.class, () -> builder.put(spec, five));
        assertTrue(e.getMessage().contains("takes 6 bytes but has 5"), e.getMessage());
    }

    @Test
    void aTensorOutsideOfTheFilesThatWereNamedIsRefused() throws Exception {
        Path file = TestFiles.write(folder.resolve("a.safetensors"), Map.of("w", Tensor.f32("[2]", 1, 2)));
        TensorInfo tensor = Checkpoint.open(file).tensor("w");
        CheckpointBuilder builder = Checkpoint.describing(Path.of("b"), "safetensors");
        assertThrows(IllegalArgumentException.class, () -> builder.put(tensor));
        builder.file(file, Files.size(file) - 1);
        assertThrows(IllegalArgumentException.class, () -> builder.put(tensor));
        assertArrayEquals(
                new float[] {1, 2},
                builder.file(file, Files.size(file)).put(tensor).build().floats("w"));
    }

    @Test
    void aCheckpointCannotBeChanged() throws Exception {
        CheckpointBuilder builder = Checkpoint.inMemory("mine").put("w", List.of(1L), 1);
        Checkpoint checkpoint = builder.build();
        builder.put("v", List.of(1L), 2);
        assertEquals(1, checkpoint.tensors().size());
        TensorInfo w = checkpoint.tensor("w");
        assertThrows(
                UnsupportedOperationException.class, () -> checkpoint.tensors().put("x", w));
        assertThrows(
                UnsupportedOperationException.class, () -> checkpoint.tensors().remove("w"));
        assertThrows(
                UnsupportedOperationException.class, () -> checkpoint.metadata().put("a", "b"));
        assertThrows(
                UnsupportedOperationException.class, () -> checkpoint.files().clear());
        Checkpoint file =
                Checkpoint.open(TestFiles.write(folder.resolve("a.safetensors"), Map.of("w", Tensor.f32("[1]", 1))));
        assertThrows(
                UnsupportedOperationException.class,
                () -> file.tensors().values().clear());
        assertThrows(UnsupportedOperationException.class, () -> file.metadata().clear());
    }

    /** Values that are computed on request, without a file. */
    @Test
    void tensorsMayComeFromNoFile() throws Exception {
        TensorSpec spec = new TensorSpec("ramp", DType.F32, List.of(1000L, 1000L));
        TensorMemory ramp = new TensorMemory() {
            @Override
            public long bytes() {
                return spec.bytes();
            }

            @Override
            public ByteBuffer slice(long offset, int length) {
                ByteBuffer made = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
                for (long at = offset; at < offset + length; at++) {
                    int bits = Float.floatToRawIntBits(at / 4);
                    made.put((byte) (bits >>> 8 * (at % 4)));
                }
                return made.flip();
            }
        };
        Checkpoint made = Checkpoint.inMemory("ramp").put(spec, ramp).build();
        float[] soup = UniformSoup.of(made, made).floats("ramp");
        for (int i = 0; i < soup.length; i++) {
            assertEquals(i, soup[i]);
        }
    }
}
