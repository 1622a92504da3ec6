package dev.stockpot.checkpoint.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.Checkpoints;
import dev.stockpot.checkpoint.TensorInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints beyond 4 GB, beyond 65,535 entries, and of very many tensors in a small heap. */
class LargeCheckpointTest {
    @TempDir
    Path folder;

    /** Some archive bytes of {@link ZipWriter}, with a storage of {@code bytes} zeros, as a hole, in the middle. */
    private Path sparse(String name, long bytes) throws IOException {
        Path file = folder.resolve(name);
        byte[] pickle = TestPickle.begin()
                .op("}(")
                .text("w")
                .floats("0", bytes / 4)
                .text("last")
                .floats("1", 4)
                .op("u")
                .end();
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            Directory directory = new Directory();
            directory.entry(out, "big/data.pkl", pickle.length);
            out.write(pickle);
            directory.entry(out, "big/data/0", bytes);
            out.seek(out.getFilePointer() + bytes);
            directory.entry(out, "big/data/1", 16);
            out.write(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
            directory.finish(out);
        }
        return file;
    }

    /** Collects a directory of 64-bit fields. */
    private static final class Directory {
        private final ByteBuffer bytes = ByteBuffer.allocate(20_000_000).order(ByteOrder.LITTLE_ENDIAN);
        private int entries;

        void entry(RandomAccessFile out, String name, long size) throws IOException {
            byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
            long header = out.getFilePointer();
            ByteBuffer local = ByteBuffer.allocate(50 + utf8.length).order(ByteOrder.LITTLE_ENDIAN);
            local.putInt(0x04034b50).putShort((short) 45).putShort((short) 0).putShort((short) 0);
            local.putInt(0)
                    .putInt(0)
                    .putInt(-1)
                    .putInt(-1)
                    .putShort((short) utf8.length)
                    .putShort((short) 20);
            local.put(utf8)
                    .putShort((short) 1)
                    .putShort((short) 16)
                    .putLong(size)
                    .putLong(size);
            out.write(local.array());
            bytes.putInt(0x02014b50).putShort((short) 45).putShort((short) 45).putShort((short) 0);
            bytes.putShort((short) 0).putInt(0).putInt(0).putInt(-1).putInt(-1).putShort((short) utf8.length);
            bytes.putShort((short) 28)
                    .putShort((short) 0)
                    .putShort((short) 0)
                    .putShort((short) 0)
                    .putInt(0);
            bytes.putInt(-1).put(utf8).putShort((short) 1).putShort((short) 24);
            bytes.putLong(size).putLong(size).putLong(header);
            entries++;
        }

        void finish(RandomAccessFile out) throws IOException {
            long start = out.getFilePointer();
            out.write(bytes.array(), 0, bytes.position());
            long end = out.getFilePointer();
            ByteBuffer ends = ByteBuffer.allocate(98).order(ByteOrder.LITTLE_ENDIAN);
            ends.putInt(0x06064b50)
                    .putLong(44)
                    .putInt(0x002d002d)
                    .putLong(0)
                    .putLong(entries)
                    .putLong(entries);
            ends.putLong(end - start).putLong(start);
            ends.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
            ends.putInt(0x06054b50).putInt(0).putInt(-1).putInt(-1).putInt(-1).putShort((short) 0);
            out.write(ends.array());
        }
    }

    @Test
    void inspectsSixGigabytesAtOnce() throws IOException {
        Path file = sparse("big.pt", 6_000_000_000L);
        long start = System.nanoTime();
        Checkpoint checkpoint = Checkpoints.open(file);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(seconds < 1, "took " + seconds + " s");
        TensorInfo last = checkpoint.tensors().get("last");
        assertEquals(6_000_000_000L, checkpoint.tensors().get("w").bytes());
        assertTrue(last.offset() > 6_000_000_000L);
        assertEquals(file, last.file());
    }

    private Path many(String name, int count) throws IOException {
        TestPickle pickle = TestPickle.begin().op("}(");
        int memo = 0;
        for (int k = 0; k < count; k++) {
            pickle.text("model.layers." + k + ".attention.weight").op("r").int32(memo++);
            pickle.tensor("HalfStorage", Integer.toString(k), 8, 0, new long[] {2, 4}, new long[] {4, 1});
            // As many values are remembered as Python's pickler remembers.
            for (int m = 0; m < 3; m++) {
                pickle.op("r").int32(memo++);
            }
        }
        byte[] bytes = pickle.op("u").end();
        Path file = folder.resolve(name);
        try (RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw")) {
            Directory directory = new Directory();
            directory.entry(out, "many/data.pkl", bytes.length);
            out.write(bytes);
            for (int k = 0; k < count; k++) {
                directory.entry(out, "many/data/" + k, 16);
                out.write(new byte[16]);
            }
            directory.finish(out);
        }
        return file;
    }

    @Test
    void readsMoreThan65535Entries() throws IOException {
        assertEquals(70_000, Checkpoints.open(many("many.pt", 70_000)).tensors().size());
    }

    @Test
    void opensFiftyThousandTensorsInASmallHeap() throws Exception {
        Path file = many("fifty.pt", 50_000);
        Path out = folder.resolve("out.json");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.stockpot.cli.Main",
                        "inspect",
                        "--json",
                        file.toString())
                .redirectOutput(out.toFile())
                .redirectErrorStream(true)
                .start();
        assertEquals(0, process.waitFor(), () -> head(out));
        assertTrue(Files.size(out) > 5_000_000, () -> head(out));
    }

    private static String head(Path file) {
        try {
            String text = Files.readString(file);
            return text.substring(0, Math.min(500, text.length()));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
