package dev.stockpot.soup;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.OpenOptions;
import dev.stockpot.checkpoint.WriteOptions;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.run.Run;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Soups of NumPy's archives, as archives; read again by the JDK's own reader of zip files, which checks every CRC-32. */
class NumpySoupTest {
    private static final Path FILES = Path.of("src/test/resources/numpy");

    @TempDir
    Path folder;

    /** The members of an archive; inflating and summing them is the JDK's work. */
    private static Map<String, byte[]> members(Path file) throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : Collections.list((Enumeration<? extends ZipEntry>) zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    byte[] bytes = in.readAllBytes();
                    CRC32 sum = new CRC32();
                    sum.update(bytes);
                    assertEquals(entry.getCrc(), sum.getValue(), entry.getName());
                    members.put(entry.getName(), bytes);
                }
            }
        }
        return members;
    }

    private static String header(byte[] member) {
        return new String(member, 10, member[8] & 0xFF | (member[9] & 0xFF) << 8, StandardCharsets.US_ASCII);
    }

    private static ByteBuffer after(byte[] member) {
        int header = 10 + (member[8] & 0xFF | (member[9] & 0xFF) << 8);
        assertEquals(0, header % 64);
        return ByteBuffer.wrap(member, header, member.length - header).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    private static Checkpoint trained(int seed) {
        return Checkpoint.open(FILES.resolve("trained_" + seed + ".npz"));
    }

    @Test
    void theAverageIsAnArchiveLikeTheFirst() throws Exception {
        Path out = folder.resolve("soup.npz");
        Checkpoint written = UniformSoup.of(trained(1), trained(2)).write(out);
        Map<String, byte[]> first = members(FILES.resolve("trained_1.npz"));
        Map<String, byte[]> soup = members(out);
        assertEquals(new ArrayList<>(first.keySet()), new ArrayList<>(soup.keySet()));
        assertArrayEquals(first.get("opt/0/mu/a.npy"), soup.get("opt/0/mu/a.npy"));
        assertEquals(
                header(first.get("params/a.npy")).trim(),
                header(soup.get("params/a.npy")).trim());
        ByteBuffer one = after(first.get("params/a.npy"));
        ByteBuffer mean = after(soup.get("params/a.npy"));
        for (int k = 0; k < 16; k++) {
            assertEquals(one.getFloat(4 * k) * 1.5F, mean.getFloat(4 * k));
        }
        assertEquals("uniform", Checkpoint.open(out).metadata().get("soup.recipe"));
        assertTrue(Checkpoint.open(out).metadata().get("soup.yaml").contains("trained_2.npz"));
        assertEquals(trained(1).tensors().keySet(), written.tensors().keySet());
        written.tensors().values().forEach(tensor -> assertEquals(0, tensor.offset() % 64));
    }

    @Test
    void compressedAndTransposedArraysBecomePlainOnes() throws Exception {
        for (String name : List.of("compressed", "odd", "every", "versions")) {
            Path out = folder.resolve(name + ".npz");
            try (Checkpoint first = Checkpoint.open(FILES.resolve(name + ".npz"))) {
                UniformSoup.of(first).write(out);
            }
            Checkpoint expected = Checkpoint.open(FILES.resolve(name + ".safetensors"));
            Checkpoint found = Checkpoint.open(out);
            assertEquals(expected.tensors().keySet(), found.tensors().keySet());
            for (String tensor : expected.tensors().keySet()) {
                assertEquals(
                        expected.tensor(tensor).spec(), found.tensor(tensor).spec());
                ByteBuffer one =
                        ByteBuffer.allocate((int) expected.tensor(tensor).bytes());
                ByteBuffer other = ByteBuffer.allocate(one.capacity());
                expected.read(tensor, one);
                found.read(tensor, other);
                assertArrayEquals(one.array(), other.array(), name + " " + tensor);
            }
            members(out);
        }
        assertTrue(members(folder.resolve("compressed.npz")).containsKey("note.npy"));
        assertArrayEquals(
                "no array".getBytes(StandardCharsets.US_ASCII),
                members(folder.resolve("versions.npz")).get("README.txt"));
    }

    @Test
    void anotherTypeIsLaidOutAnew() throws Exception {
        Path out = folder.resolve("half.npz");
        UniformSoup.of(trained(1)).withDType(DType.BF16).write(out);
        Map<String, byte[]> soup = members(out);
        assertTrue(header(soup.get("params/a.npy"))
                .startsWith("{'descr': '|V2', 'fortran_order': False, 'shape': (4, 4), }"));
        assertTrue(header(soup.get("opt/0/mu/a.npy")).startsWith("{'descr': '<f4'"));
        CheckpointException e = assertThrows(
                CheckpointException.class,
                () -> UniformSoup.of(trained(1)).withDType(DType.F8_E4M3).write(folder.resolve("none.npz")));
        assertTrue(e.getMessage().contains("NumPy has no type for F8_E4M3"), e.getMessage());
    }

    @Test
    void oneArrayAlone() throws Exception {
        Path out = folder.resolve("mean.npy");
        Checkpoint alone = Checkpoint.open(FILES.resolve("alone.npy"));
        Checkpoint written = UniformSoup.of(alone, alone).write(out);
        assertArrayEquals(alone.floats("arr_0"), written.floats("arr_0"));
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> UniformSoup.of(alone).write(folder.resolve("mean.npz")));
        assertEquals(Reason.NOT_ALIKE_FORMAT, e.reason());
    }

    @Test
    void otherIngredientsMakeAnArchiveOfTheirTensors() throws Exception {
        Checkpoint plain = Checkpoint.inMemory("plain")
                .put("layers.0/a", List.of(2L, 3L), 1, 2, 3, 4, 5, 6)
                .put("half", DType.BF16, List.of(2L), ByteBuffer.wrap(new byte[] {1, 2, 3, 4}))
                .put("ids", DType.I64, List.of(), ByteBuffer.wrap(new byte[] {9, 0, 0, 0, 0, 0, 0, 0}))
                .build();
        Path out = folder.resolve("x.npz");
        Checkpoint written = UniformSoup.of(plain).write(out);
        Map<String, byte[]> members = members(out);
        assertEquals(List.of("layers.0/a.npy", "half.npy", "ids.npy"), List.copyOf(members.keySet()));
        assertTrue(header(members.get("layers.0/a.npy"))
                .startsWith("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"));
        assertTrue(header(members.get("half.npy")).startsWith("{'descr': '|V2', "));
        assertTrue(
                header(members.get("ids.npy")).startsWith("{'descr': '<i8', 'fortran_order': False, 'shape': (), }"));
        for (int k = 0; k < 6; k++) {
            assertEquals(k + 1, after(members.get("layers.0/a.npy")).getFloat(4 * k));
        }
        assertEquals(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), after(members.get("half.npy")));
        assertEquals(9, after(members.get("ids.npy")).getLong());
        written.tensors().values().forEach(tensor -> assertEquals(0, tensor.offset() % 64));
        assertEquals("uniform", written.metadata().get("soup.recipe"));
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> UniformSoup.of(plain).write(folder.resolve("x.npy")));
        assertTrue(e.getMessage().contains("is one array and cannot hold 3 tensors"), e.getMessage());
    }

    @Test
    void otherIngredientsGoIntoAFileThatIsNamed() throws Exception {
        Checkpoint plain = Checkpoint.inMemory("plain")
                .put("a", List.of(4L, 4L), new float[16])
                .put("b", List.of(4L, 4L), new float[16])
                .build();
        WriteOptions like = WriteOptions.builder()
                .like(
                        FILES.resolve("trained_1.npz"),
                        OpenOptions.builder().key("params").build())
                .build();
        UniformSoup.of(plain).write(folder.resolve("x.npz"), like, Run.defaults());
        Map<String, byte[]> soup = members(folder.resolve("x.npz"));
        assertEquals(0, after(soup.get("params/a.npy")).getFloat(0));
        assertArrayEquals(
                members(FILES.resolve("trained_1.npz")).get("batch_stats/mean.npy"), soup.get("batch_stats/mean.npy"));
    }
}
