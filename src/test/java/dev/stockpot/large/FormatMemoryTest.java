package dev.stockpot.large;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.onnx.Proto;
import dev.stockpot.checkpoint.zip.StoredArchive;
import dev.stockpot.checkpoint.zip.StoredEntry;
import java.io.File;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of other formats than safetensors, far larger than the memory that they may take; the files are sparse. */
class FormatMemoryTest {
    private static final long MOST = 256L << 20;
    private static final long BYTES = 6L << 30;

    @TempDir
    Path folder;

    /** Mixes three models that are this file, in a process with a heap of 64 MB. */
    private void assertTakesLittle(Path file) throws Exception {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx64m",
                "-Djava.io.tmpdir=" + folder,
                "-cp",
                classes(),
                MergedToNowhere.class.getName(),
                "linear"));
        for (int k = 0; k < 4; k++) {
            command.add(file.toString());
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        List<String> lines = process.inputReader().lines().toList();
        assertEquals(0, process.waitFor(), lines::toString);
        assertEquals(1, lines.size());
        assertTrue(Long.parseLong(lines.get(0).split(" ")[1]) <= MOST, lines.get(0));
    }

    private static String classes() {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(path -> new File(path).getAbsolutePath())
                .collect(Collectors.joining(File.pathSeparator));
    }

    /** What is before the values of an array of BF16. */
    private static byte[] array(long bytes) {
        byte[] array = ByteBuffer.allocate(128)
                .put("\u0093NUMPY\1\0v\0".getBytes(StandardCharsets.ISO_8859_1))
                .put(("{'descr': '|V2', 'fortran_order': False, 'shape': (" + bytes / 2 / 4096 + ", 4096), }")
                        .getBytes(StandardCharsets.US_ASCII))
                .array();
        for (int k = 10; k < array.length; k++) {
            array[k] = array[k] == 0 ? (byte) ' ' : array[k];
        }
        return array;
    }

    @Test
    void anArchiveOfNumPy() throws Exception {
        byte[] array = array(BYTES);
        StoredArchive archive = new StoredArchive();
        StoredEntry entry = archive.add("w.npy", array.length + BYTES);
        Path file = folder.resolve("model.npz");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(entry.localHeader(0));
            out.write(array);
            out.seek(archive.end());
            out.write(archive.directory(new int[1]).array());
        }
        assertTakesLittle(file);
    }

    /** Its values are inflated to temporary files, each larger than the bound; the archive is a thousandth of them. */
    @Test
    void aCompressedArchiveOfNumPy() throws Exception {
        long bytes = 3 * MOST / 2;
        Path file = folder.resolve("model.npz");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(file))) {
            out.putNextEntry(new ZipEntry("w.npy"));
            out.write(array(bytes));
            byte[] zeros = new byte[1 << 20];
            for (long done = 0; done < bytes; done += zeros.length) {
                out.write(zeros);
            }
        }
        assertTrue(Files.size(file) < bytes / 500);
        assertTakesLittle(file);
    }

    @Test
    void anOnnxModelWithADataFile() throws Exception {
        try (RandomAccessFile data = new RandomAccessFile(folder.resolve("data").toFile(), "rw")) {
            data.setLength(BYTES);
        }
        Proto tensor = Proto.f32("w", BYTES / Float.BYTES / 4096, 4096L).external("data", "0", Long.toString(BYTES));
        assertTakesLittle(Proto.model(tensor).write(folder.resolve("model.onnx")));
    }

    /** Its values are copied to temporary files, each larger than the bound. */
    @Test
    void anOnnxModelThatListsItsValues() throws Exception {
        long values = 3 * MOST / 4;
        ByteBuffer head = ByteBuffer.allocate(64);
        byte[] tensor = new Proto()
                .number(1, values)
                .number(2, 10)
                .text(8, "w")
                .claim(5, values)
                .toBytes();
        byte[] graph = new Proto().claim(5, tensor.length + values).toBytes();
        head.put(new Proto()
                .number(1, 8)
                .claim(7, graph.length + tensor.length + values)
                .toBytes());
        head.put(graph).put(tensor);
        Path file = folder.resolve("model.onnx");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(head.array(), 0, head.position());
            out.setLength(head.position() + values);
        }
        assertTakesLittle(file);
    }

    @Test
    void aModelOfLlamaCpp() throws Exception {
        assertTakesLittle(gguf(1, BYTES / 2 / 4096, BYTES));
    }

    /** Its values are decoded to temporary files, each larger than the bound. */
    @Test
    void aQuantisedModelOfLlamaCpp() throws Exception {
        long rows = 3 * MOST / 2 / Float.BYTES / 4096;
        assertTakesLittle(gguf(8, rows, rows * 4096 / 32 * 34));
    }

    private Path gguf(int type, long rows, long bytes) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(96).order(ByteOrder.LITTLE_ENDIAN);
        header.putInt(0x46554747).putInt(3).putLong(1).putLong(0);
        header.putLong(1)
                .put((byte) 'w')
                .putInt(2)
                .putLong(4096)
                .putLong(rows)
                .putInt(type)
                .putLong(0);
        Path file = folder.resolve("model.gguf");
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(header.array());
            out.setLength(header.capacity() + bytes);
        }
        return file;
    }
}
