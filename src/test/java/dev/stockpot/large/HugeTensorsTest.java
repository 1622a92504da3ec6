package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.TestFiles.Tensor;
import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Average;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.pass.Pass;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.run.Run;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tensors of more elements than an int counts, and more bytes than the disk has; the files are sparse. */
class HugeTensorsTest {
    @TempDir
    Path folder;

    /** Writes values at places of a tensor that is otherwise a hole. */
    private static void put(Checkpoint model, String tensor, Map<Long, Float> values) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(model.path().toFile(), "rw")) {
            for (Map.Entry<Long, Float> value : values.entrySet()) {
                file.seek(model.tensor(tensor).offset() + 4 * value.getKey());
                file.writeInt(Integer.reverseBytes(Float.floatToIntBits(value.getValue())));
            }
        }
    }

    /** Memory for a tensor of any size that keeps some of its elements. */
    private record Selected(long elements, Map<Long, ByteBuffer> kept) implements TensorMemory {
        private static final ThreadLocal<ByteBuffer> REST =
                ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(8 << 20));

        static Selected of(long elements, Iterable<Long> places) {
            Map<Long, ByteBuffer> kept = new ConcurrentHashMap<>();
            places.forEach(place -> kept.put(place, ByteBuffer.allocate(0)));
            return new Selected(elements, kept);
        }

        @Override
        public long bytes() {
            return 4 * elements;
        }

        @Override
        public ByteBuffer slice(long offset, int length) {
            ByteBuffer buffer = null;
            for (long place : kept.keySet()) {
                if (4 * place >= offset && 4 * place < offset + length) {
                    buffer = buffer == null ? ByteBuffer.allocateDirect(length) : buffer;
                    kept.put(place, buffer.slice((int) (4 * place - offset), 4).order(ByteOrder.LITTLE_ENDIAN));
                }
            }
            return buffer == null ? REST.get().slice(0, length) : buffer;
        }

        float at(long place) {
            return kept.get(place).getFloat(0);
        }
    }

    @Test
    void moreElementsThanAnIntCounts() throws Exception {
        long elements = (1L << 31) + 12_345;
        Map<Long, Float> places =
                Map.of(0L, 1f, 1L << 30, 2f, (1L << 31) - 1, 3f, 1L << 31, 4f, (1L << 31) + 1, 5f, elements - 1, 6f);
        Checkpoint a = Checkpoint.open(TestFiles.sparse(folder.resolve("a.safetensors"), "w", DType.F8_E5M2, elements));
        try (FileChannel file = FileChannel.open(a.path(), StandardOpenOption.WRITE)) {
            for (Map.Entry<Long, Float> place : places.entrySet()) {
                // The upper half of an F16.
                int bits = Map.of(1f, 0x3C, 2f, 0x40, 3f, 0x42, 4f, 0x44, 5f, 0x45, 6f, 0x46)
                        .get(place.getValue());
                file.write(
                        ByteBuffer.wrap(new byte[] {(byte) bits}), a.tensor("w").offset() + place.getKey());
            }
        }
        Checkpoint written = Checkpoint.open(a.path());
        Selected target = Selected.of(elements, places.keySet());
        UniformSoup.of(List.of(written, written)).withDType(DType.F32).mixInto(Map.of("w", target), Run.defaults());
        places.forEach((place, value) -> assertEquals(value, target.at(place), "element " + place));
    }

    @Test
    void aHundredGigabytes() throws Exception {
        long elements = Math.max(25_000_000_000L, Files.getFileStore(folder).getUsableSpace() / 3);
        List<Checkpoint> models = new ArrayList<>();
        for (int k = 0; k < 2; k++) {
            Path file = folder.resolve("huge-" + k + ".safetensors");
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            tensors.put("first", new Tensor(DType.F32, "[2]", new byte[0]));
            tensors.put("huge", new Tensor(DType.F32, "[" + elements + "]", new byte[0]));
            tensors.put("last", new Tensor(DType.F32, "[3]", new byte[0]));
            byte[] header = TestFiles.header(tensors, Map.of("first", 8L, "huge", 4 * elements, "last", 12L));
            try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
                out.write(header);
                out.setLength(header.length + 8 + 4 * elements + 12);
            }
            Checkpoint made = Checkpoint.open(file);
            put(made, "first", Map.of(1L, 1f + k));
            put(made, "last", Map.of(2L, 10f + k));
            models.add(Checkpoint.open(file));
        }
        assertEquals(elements + 5, models.get(0).parameters());
        UniformSoup soup = UniformSoup.of(models);
        assertArrayEquals(new float[] {0, 1.5f}, soup.floats("first"));
        assertArrayEquals(new float[] {0, 0, 10.5f}, soup.floats("last"));
        assertTilesNearTheEnd(models, elements);
        for (String name : List.of("soup.safetensors", "soup.pt", "soup")) {
            CheckpointException e = assertThrows(CheckpointException.class, () -> soup.write(folder.resolve(name)));
            assertEquals(Reason.NO_ROOM, e.reason());
            assertTrue(e.getMessage().contains("needs " + e.numbers().get("needed")), e.getMessage());
            assertTrue(e.numbers().get("needed").longValue() >= 4 * elements, e.getMessage());
            assertFalse(Files.exists(folder.resolve(name)));
        }
    }

    private static void assertTilesNearTheEnd(List<Checkpoint> models, long elements) throws Exception {
        put(models.get(0), "huge", Map.of(elements - 1, 3f, elements - 5000, 5f));
        List<Checkpoint> written = new ArrayList<>();
        for (Checkpoint model : models) {
            written.add(Checkpoint.open(model.path()));
        }
        List<TensorInfo> sources = written.stream().map(m -> m.tensor("huge")).toList();
        MixTensor mean = new MixTensor("huge", DType.F32, List.of(elements), sources, new Average(null, 2));
        Stretch all = (Stretch)
                new MixPlan(List.of(new MixPlan.Placed(mean, 0, 0))).stretches().get(0);
        Selected target = Selected.of(elements, List.of(elements - 1, elements - 2, elements - 5000));
        try (Engine engine = Engine.on(KernelSelection.best())) {
            Pass.run(List.of(all.slice(elements - 10_000, 10_000)), List.of(target), engine);
        }
        assertEquals(1.5f, target.at(elements - 1));
        assertEquals(0f, target.at(elements - 2));
        assertEquals(2.5f, target.at(elements - 5000));
    }
}
