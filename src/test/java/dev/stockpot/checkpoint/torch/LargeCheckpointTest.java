package dev.stockpot.checkpoint.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.torch.pickle.TestPickle;
import dev.stockpot.checkpoint.zip.ZipWriter;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints beyond 4 GB, beyond 65,535 entries, and with very many tensors in a small heap. */
class LargeCheckpointTest {
    @TempDir
    Path folder;

    /** An archive like those of {@link ZipWriter}, with a storage of {@code bytes} zeros, a hole, in the middle. */
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

    /** Collects a ZIP central directory with 64-bit fields. */
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
        Checkpoint checkpoint = Checkpoint.open(file);
        double seconds = (System.nanoTime() - start) / 1e9;
        assertTrue(seconds < 1, "took " + seconds + " s");
        TensorInfo last = checkpoint.tensors().get("last");
        assertEquals(6_000_000_000L, checkpoint.tensors().get("w").bytes());
        assertTrue(last.offset() > 6_000_000_000L);
        assertEquals(Optional.of(file), last.source().file());
    }

    /** Runs in a separate process with a heap of 64 MB; the output is a quarter of the input. */
    @Test
    void mixesSixGigabytesInBoundedMemory() throws Exception {
        assumeTrue(Files.isReadable(Path.of("/proc/self/smaps_rollup")));
        assumeTrue(Files.getFileStore(folder).getUsableSpace() > 2_500_000_000L);
        Path file = sparse("big.pt", 6_000_000_000L);
        Path out = folder.resolve("soup.pt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.stockpot.cli.Main",
                        "uniform",
                        "--dtype",
                        "F8_E4M3",
                        "-o",
                        out.toString(),
                        file.toString(),
                        file.toString())
                .redirectOutput(folder.resolve("out.txt").toFile())
                .redirectErrorStream(true)
                .start();
        long peak = peakAnonymous(process);
        assertEquals(0, process.exitValue(), () -> head(folder.resolve("out.txt")));
        TensorInfo last = Checkpoint.open(out).tensors().get("last");
        assertEquals(4, last.bytes());
        assertEquals(1_500_000_000L, Checkpoint.open(out).tensors().get("w").bytes());
        // The JVM's own memory is about 100 MB.
        assertTrue(peak < 450L << 20, "anonymous memory " + peak);
    }

    private static long peakAnonymous(Process process) throws Exception {
        long peak = 0;
        Path rollup = Path.of("/proc/" + process.pid() + "/smaps_rollup");
        while (process.isAlive()) {
            try (Stream<String> lines = Files.lines(rollup)) {
                peak = Math.max(
                        peak,
                        lines.filter(line -> line.startsWith("Anonymous:"))
                                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                                .findFirst()
                                .orElse(0));
            } catch (IOException | RuntimeException e) {
                // The process has ended.
            }
            process.waitFor(10, TimeUnit.MILLISECONDS);
        }
        return peak;
    }

    private Path many(String name, int count) throws IOException {
        TestPickle pickle = TestPickle.begin().op("}(");
        int memo = 0;
        for (int k = 0; k < count; k++) {
            pickle.text("model.layers." + k + ".attention.weight").op("r").int32(memo++);
            pickle.tensor("HalfStorage", Integer.toString(k), 8, 0, new long[] {2, 4}, new long[] {4, 1});
            // Memoizes as many values as Python's pickler does.
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
        assertEquals(70_000, Checkpoint.open(many("many.pt", 70_000)).tensors().size());
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
