package dev.stockpot.checkpoint.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.file.TensorValues;
import dev.stockpot.checkpoint.torch.pickle.TestPickle;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Compares views of storages with an element-wise copy. */
class TensorViewsTest {
    private static final String[] TYPES = {
        "ByteStorage", "HalfStorage", "FloatStorage", "DoubleStorage", "ComplexDoubleStorage", "ComplexFloatStorage"
    };
    private static final int[] WIDTHS = {1, 2, 4, 8, 16, 8};
    /** The numbers of which an element is made; each has its own byte order. */
    private static final int[] PARTS = {1, 1, 1, 1, 2, 2};

    @TempDir
    Path folder;

    private static byte[] values(TensorInfo tensor) {
        try (TensorValues values = TensorValues.open(tensor)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) tensor.bytes());
            values.read(0, bytes);
            return bytes.array();
        }
    }

    private static byte[] expected(
            byte[] storage, int width, int part, long offset, long[] shape, long[] strides, boolean swap) {
        int count = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        byte[] out = new byte[count * width];
        for (int e = 0; e < count; e++) {
            long from = offset;
            int left = e;
            for (int d = shape.length - 1; d >= 0; d--) {
                from += left % shape[d] * strides[d];
                left /= (int) shape[d];
            }
            for (int b = 0; b < width; b++) {
                out[e * width + b] = storage[(int) from * width + (swap ? b / part * part + part - 1 - b % part : b)];
            }
        }
        return out;
    }

    private void check(
            int type, boolean big, boolean deflated, byte[] storage, long offset, long[] shape, long[] strides)
            throws IOException {
        int width = WIDTHS[type];
        byte[] pickle = TestPickle.begin()
                .op("}")
                .text("w")
                .tensor(TYPES[type], "0", storage.length / width, offset, shape, strides)
                .op("s")
                .end();
        ZipWriter zip = new ZipWriter().add("x/data.pkl", pickle);
        zip.add("x/byteorder", (big ? "big" : "little").getBytes(StandardCharsets.US_ASCII));
        Path file = (deflated ? zip.deflated("x/data/0", storage, e -> e) : zip.add("x/data/0", storage))
                .write(folder.resolve("view.pt"));
        Checkpoint checkpoint = Checkpoint.open(file);
        byte[] expected = expected(storage, width, width / PARTS[type], offset, shape, strides, big);
        assertArrayEquals(
                expected,
                values(checkpoint.tensors().get("w")),
                () -> TYPES[type] + Arrays.toString(shape) + Arrays.toString(strides) + big + deflated);
    }

    @Test
    void readsRandomViewsAsTheirElements() throws IOException {
        Random random = new Random(5);
        for (int trial = 0; trial < 500; trial++) {
            int type = random.nextInt(TYPES.length);
            byte[] storage = new byte[256 * WIDTHS[type]];
            random.nextBytes(storage);
            int dimensions = random.nextInt(5);
            long[] shape = new long[dimensions];
            long[] strides = new long[dimensions];
            long last = 0;
            for (int d = 0; d < dimensions; d++) {
                shape[d] = 1 + random.nextInt(5);
                strides[d] = random.nextInt(12);
                last += (shape[d] - 1) * strides[d];
            }
            long offset = random.nextInt((int) (256 - last));
            check(type, random.nextBoolean(), random.nextInt(4) == 0, storage, offset, shape, strides);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1000, 3000, false",
        "2, 3000, 1000, true",
        "1, 2, 1500000, false",
        "1, 1500000, 2, false",
        "3, 300, 300, true"
    })
    void readsLargeTransposedMatrices(int type, int rows, int columns, boolean big) throws IOException {
        byte[] storage = new byte[rows * columns << type];
        new Random(rows).nextBytes(storage);
        check(type, big, false, storage, 0, new long[] {columns, rows}, new long[] {1, columns});
        check(type, big, false, storage, columns, new long[] {rows / 2, columns / 2}, new long[] {columns, 2});
    }

    @Test
    void readsTiedViewsOfOneCopyOnce() throws IOException {
        TestPickle pickle = TestPickle.begin().op("}(");
        for (String name : new String[] {"a", "b"}) {
            pickle.text(name).tensor("FloatStorage", "0", 6, 0, new long[] {3, 2}, new long[] {1, 3});
        }
        Path file = new ZipWriter()
                .add("data.pkl", pickle.op("u").end())
                .add("data/0", new byte[24])
                .write(folder.resolve("tied.pt"));
        Checkpoint checkpoint = Checkpoint.open(file);
        TensorInfo a = checkpoint.tensors().get("a");
        TensorInfo b = checkpoint.tensors().get("b");
        assertEquals(a.source().file().orElseThrow(), b.source().file().orElseThrow());
        assertEquals(a.offset(), b.offset());
    }

    /** A file whose one tensor, {@code w}, cannot be read in place. */
    private Path deflated(String name) throws IOException {
        return new ZipWriter()
                .add(
                        "data.pkl",
                        TestPickle.begin()
                                .op("}")
                                .text("w")
                                .floats("0", 4)
                                .op("s")
                                .end())
                .deflated("data/0", new byte[16], e -> e)
                .write(folder.resolve(name));
    }

    private static Set<Path> copies() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return files.filter(file -> file.toString().endsWith(".spool")).collect(Collectors.toSet());
        }
    }

    private static void leavesNoCopy(Executable failing) throws IOException {
        Set<Path> before = copies();
        assertThrows(CheckpointException.class, failing);
        Set<Path> after = copies();
        after.removeAll(before);
        assertEquals(Set.of(), after);
    }

    @Test
    void deletesTheCopiesIfACheckpointCannotBeOpened() throws Exception {
        Path file = deflated("deflated.pt");
        Path missing = folder.resolve("missing.pt");
        leavesNoCopy(() -> Checkpoint.openAll(List.of(file, missing), OpenOptions.defaults()));
        leavesNoCopy(() -> Checkpoint.open(
                file, OpenOptions.builder().stripPrefix("module.").build()));
        deflated("a.bin");
        Path index = folder.resolve("pytorch_model.bin.index.json");
        Files.writeString(index, "{\"weight_map\": {\"w\": \"a.bin\", \"v\": \"b.bin\"}}");
        leavesNoCopy(() -> Checkpoint.open(index));
    }

    @Test
    void deletesTheCopyWhenItIsClosed() throws Exception {
        Set<Path> before = copies();
        Path file = deflated("deflated.pt");
        try (Checkpoint opened = Checkpoint.open(file)) {
            Set<Path> copies = copies();
            copies.removeAll(before);
            assertEquals(1, copies.size(), opened.toString());
            Path copy = copies.iterator().next();
            assertEquals(0, Files.size(copy), "nothing is copied yet");
            assertEquals(16, values(opened.tensor("w")).length);
            assertEquals(16, Files.size(copy));
        }
        assertEquals(before, copies());
    }

    @Test
    void deletesTheCopyOnceNoTensorIsInUse() throws Exception {
        Path file = deflated("deflated.pt");
        TensorInfo tensor = Checkpoint.open(file).tensors().get("w");
        String spool = tensor.source().file().orElseThrow().toString();
        System.gc();
        assertTrue(Files.exists(Path.of(spool)), "the tensor alone keeps it in use");
        assertEquals(16, values(tensor).length);
        tensor = null;
        for (int k = 0; k < 100 && Files.exists(Path.of(spool)); k++) {
            System.gc();
            Thread.sleep(50);
        }
        assertFalse(Files.exists(Path.of(spool)));
    }
}
