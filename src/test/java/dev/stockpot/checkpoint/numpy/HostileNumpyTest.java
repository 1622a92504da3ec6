package dev.stockpot.checkpoint.numpy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Arrays that contradict their headers, and headers that no NumPy wrote. */
class HostileNumpyTest {
    private static final String FLOATS = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }";

    @TempDir
    Path folder;

    private static byte[] array(String header, int values) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes("\u0093NUMPY\1\0".getBytes(StandardCharsets.ISO_8859_1));
        out.write(header.length());
        out.write(header.length() >> 8);
        out.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(new byte[values]);
        return out.toByteArray();
    }

    private CheckpointException refused(byte[] bytes, String name) throws IOException {
        Path file = Files.write(folder.resolve(name), bytes);
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        assertTrue(e.file().isPresent() && e.getMessage().length() < 500, e.getMessage());
        return e;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), } ~ takes 12",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807,), } ~ that no array has",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999), } ~ no file can hold",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), } ~ that no array has",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2, , ), } ~ that no array has",
                "{'descr': '<f4', 'fortran_order': False, 'shape': [2], } ~ in place of '('",
                "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), } ~ neither True nor False",
                "{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), } ~ twice",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': (1,), } ~ unknown key",
                "{'descr': '<f4', 'fortran_order': False, } ~ lacks descr",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x ~ goes on after",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,) ~ ends within",
                "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,), } ~ neither a text nor a list",
                "{'descr': '|O', 'fortran_order': False, 'shape': (2,), } ~ never run",
                "{'descr': [('a', '<f4'), ('b', '|O')], 'fortran_order': False, 'shape': (2,), } ~ never run",
                "{'descr': [[[[[[[[, 'fortran_order': False, 'shape': (2,), } ~ ends within",
            })
    void headersThatAreNotValid(String header, String reason) throws IOException {
        CheckpointException e = refused(array(header, 8), "a.npy");
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        byte[] zip = new ZipWriter()
                .add("a.npy", array(FLOATS, 8))
                .add("b.npy", array(header, 8))
                .toBytes();
        CheckpointException inside = refused(zip, "a.npz");
        assertTrue(inside.getMessage().contains(reason), inside.getMessage());
    }

    @Test
    void bytesAfterTheValuesArePassedOverAsNumPyDoes() throws IOException {
        byte[] longer = array("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 9);
        Checkpoint alone = Checkpoint.open(Files.write(folder.resolve("a.npy"), longer));
        assertEquals(List.of("arr_0 is followed by 5 bytes, which NumPy passes over"), alone.notes());
        assertArrayEquals(new float[] {0}, alone.floats("arr_0"));
        Checkpoint inside = Checkpoint.open(new ZipWriter().add("b.npy", longer).write(folder.resolve("b.npz")));
        assertEquals(List.of("b is followed by 5 bytes, which NumPy passes over"), inside.notes());
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = array(FLOATS, 8);
        for (int length = 6; length < whole.length; length++) {
            refused(Arrays.copyOf(whole, length), "cut.npy");
        }
    }

    @Test
    void aHeaderOfAGigabyteIsNotRead() throws IOException {
        byte[] bytes = ByteBuffer.allocate(64)
                .put("\u0093NUMPY\2\0".getBytes(StandardCharsets.ISO_8859_1))
                .put(new byte[] {0, 0, 0, 0x40})
                .array();
        assertTrue(refused(bytes, "a.npy").getMessage().contains("1073741824"));
    }

    @Test
    void thousandsOfDimensionsAreRefused() throws IOException {
        String shape = "1,".repeat(5000);
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + shape + "), }";
        assertTrue(refused(array(header, 4), "a.npy").getMessage().contains("that no array has"));
    }

    @Test
    void aCompressedArrayThatIsShorterThanItClaims() throws IOException {
        byte[] array = array(FLOATS, 8);
        byte[] zip = new ZipWriter()
                .deflated("a.npy", array, e -> e.sized(e.compressed(), array.length + 8))
                .toBytes();
        byte[] cut = new ZipWriter()
                .deflated("a.npy", Arrays.copyOf(array, array.length - 4), e -> e.sized(e.compressed(), array.length))
                .toBytes();
        for (byte[] archive : List.of(zip, cut)) {
            Path file = Files.write(folder.resolve("short.npz"), archive);
            try (Checkpoint opened = Checkpoint.open(file)) {
                ByteBuffer values = ByteBuffer.allocate(8);
                CheckpointException e = assertThrows(CheckpointException.class, () -> opened.read("a", values));
                assertEquals(Reason.DAMAGED, e.reason());
            }
        }
    }

    @Test
    void namesThatWouldBeTheSameAreKeptApart() throws IOException {
        byte[] zip = new ZipWriter()
                .add("a.npy.npy", array(FLOATS, 8))
                .add("a.npy", array("{'descr': '<U2', 'fortran_order': False, 'shape': (1,), }", 8))
                .toBytes();
        try (Checkpoint opened = Checkpoint.open(Files.write(folder.resolve("a.npz"), zip))) {
            assertEquals("[a.npy]", opened.tensors().keySet().toString());
        }
    }

    @Test
    void commentsThatAreNotOursAreNothing() throws IOException {
        for (String comment : new String[] {"made by hand", "stockpot", "{}", "stockpot {\"soup.recipe\": 1}"}) {
            byte[] zip = new ZipWriter().add("a.npy", array(FLOATS, 8)).toBytes();
            byte[] with = Arrays.copyOf(zip, zip.length + comment.length());
            System.arraycopy(comment.getBytes(StandardCharsets.US_ASCII), 0, with, zip.length, comment.length());
            with[zip.length - 2] = (byte) comment.length();
            if (comment.endsWith("1}")) {
                assertTrue(refused(with, "a.npz").getMessage().contains("its metadata has a value"));
            } else {
                Path file = Files.write(folder.resolve("a.npz"), with);
                assertTrue(Checkpoint.open(file).metadata().isEmpty());
            }
        }
    }

    @Test
    void anArchiveWithoutArraysSaysSo() throws IOException {
        byte[] zip = new ZipWriter().add("readme.txt", new byte[3]).toBytes();
        assertEquals(Reason.NOT_FOUND, refused(zip, "a.npz").reason());
    }
}
