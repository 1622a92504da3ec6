package dev.stockpot.checkpoint.zip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.checkpoint.torch.pickle.TestPickle;
import dev.stockpot.engine.read.TensorDigest;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zip archives that an unpacker might accept, and a reader of values in place must refuse. */
class HostileZipTest {
    private static final byte[] PICKLE =
            TestPickle.begin().op("}").text("w").floats("0", 4).op("s.").end();
    private static final byte[] VALUES = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

    @TempDir
    Path folder;

    private static ZipWriter archive(UnaryOperator<ZipWriter.Entry> change) {
        return new ZipWriter().add("a/data.pkl", PICKLE).add("a/data/0", VALUES, change);
    }

    private void refuses(String reason, ZipWriter zip) throws IOException {
        refuses(reason, zip.bytes(false));
    }

    private void refuses(String reason, byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("hostile.pt"), bytes);
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
    }

    /** Opens the archive, which inflates nothing; reading its tensor {@code w} fails, each time, and names file and record. */
    private void refusesValues(String reason, ZipWriter zip) throws IOException {
        Path file = zip.write(folder.resolve("hostile.pt"));
        try (Checkpoint checkpoint = Checkpoint.open(file)) {
            TensorInfo tensor = checkpoint.tensor("w");
            Path copy = tensor.source().file().orElseThrow();
            assertEquals(0, Files.size(copy));
            for (int k = 0; k < 2; k++) {
                ByteBuffer values = ByteBuffer.allocate((int) tensor.bytes());
                CheckpointException e = assertThrows(CheckpointException.class, () -> checkpoint.read("w", values));
                assertTrue(e.getMessage().startsWith(file + ": its entry data/0 "), e.getMessage());
                assertTrue(e.getMessage().contains(reason), e.getMessage());
            }
            assertTrue(Files.size(copy) <= tensor.bytes(), "no more than was announced");
        }
    }

    private String digest(byte[] bytes) throws IOException, InterruptedException {
        Checkpoint checkpoint = Checkpoint.open(Files.write(folder.resolve("good.pt"), bytes));
        return TensorDigest.sha256(checkpoint.tensors().get("w"));
    }

    @Test
    void readsTheSameStoredDeflatedAndWithWideFields() throws Exception {
        String stored = digest(archive(e -> e).bytes(false));
        assertEquals(stored, digest(archive(e -> e).bytes(true)));
        ZipWriter deflated =
                new ZipWriter().deflated("data.pkl", PICKLE, e -> e).deflated("data/0", VALUES, e -> e);
        assertEquals(stored, digest(deflated.bytes(false)));
        assertEquals(stored, digest(deflated.bytes(true)));
    }

    @Test
    void refusesNamesThatLeadOut() throws IOException {
        for (String name : new String[] {"/etc/passwd", "a/../../b", "..", "..\\x", "C:/x", "\\x", ""}) {
            refuses("leads out of the archive", archive(e -> e).add(name, new byte[1]));
        }
    }

    @Test
    void refusesEncryptedEntries() throws IOException {
        refuses("encrypted", archive(e -> e.flagged(1)));
        refuses("encrypted", archive(e -> e.flagged(1 << 6)));
    }

    @Test
    void refusesDuplicates() throws IOException {
        refuses("twice", archive(e -> e).add("a/data/0", VALUES));
    }

    @Test
    void refusesTwoCheckpointsInOne() throws IOException {
        refuses("two checkpoints", archive(e -> e).add("b/data.pkl", PICKLE));
    }

    @Test
    void refusesOverlaps() throws IOException {
        refuses("overlap", archive(e -> e).add("a/other", VALUES, e -> e.at(1)));
        refuses("overlap", archive(e -> e.sized(60, 60)).add("a/other", VALUES));
        refuses("overlap", archive(e -> e.at(0).sized(0, 0)));
    }

    @Test
    void refusesSizesBeyondTheFile() throws IOException {
        refuses("outside the file", archive(e -> e.sized(5000, 5000)));
        refuses("outside the file", archive(e -> e.at(100_000)));
        refuses("outside the file", archive(e -> e.at(Long.MAX_VALUE)).bytes(true));
        refuses("outside the file", archive(e -> e.at(1L << 40)).bytes(true));
        for (long size : new long[] {Long.MAX_VALUE, -1, -2, Long.MIN_VALUE, 1L << 40}) {
            refuses("outside the file", archive(e -> e.sized(size, size)).bytes(true));
        }
    }

    @Test
    void refusesTwoSizesOfAStoredEntry() throws IOException {
        refuses("two sizes", archive(e -> e.sized(16, 12)));
    }

    @Test
    void refusesUnknownMethods() throws IOException {
        for (int method : new int[] {9, 12, 14, 93, 99}) {
            ZipWriter zip = new ZipWriter().add("data.pkl", PICKLE, e -> e.withMethod(method));
            refuses("unknown method " + method, zip.add("data/0", VALUES));
        }
    }

    @Test
    void refusesABomb() throws IOException {
        byte[] zeros = new byte[1 << 20];
        refuses("1048576 bytes long but its pickle says 16", bomb(zeros, e -> e), 4);
        refuses("more than they can hold", bomb(VALUES, e -> e.sized(e.compressed(), 16L << 20)), 4L << 20);
        refusesValues("uncompressed but holds more", bomb(zeros, e -> e.sized(e.compressed(), 16)), 4);
        refusesValues("uncompressed but holds fewer", bomb(VALUES, e -> e.sized(e.compressed(), 64)), 16);
    }

    @Test
    void refusesValuesThatDoNotHaveTheirChecksum() throws IOException {
        refusesValues("have the CRC-32 " + crc32(VALUES) + ", not 00000001", bomb(VALUES, e -> e.summed(1)), 4);
        refuses("have the CRC-32", new ZipWriter().deflated("data.pkl", PICKLE, e -> e.summed(1)));
    }

    private static String crc32(byte[] bytes) {
        CRC32 sum = new CRC32();
        sum.update(bytes);
        return String.format("%08x", sum.getValue());
    }

    private static ZipWriter bomb(byte[] values, UnaryOperator<ZipWriter.Entry> change) {
        return new ZipWriter().deflated("data/0", values, change);
    }

    private void refuses(String reason, ZipWriter zip, long elements) throws IOException {
        refuses(reason, zip.add("data.pkl", pickle(elements)));
    }

    private void refusesValues(String reason, ZipWriter zip, long elements) throws IOException {
        refusesValues(reason, zip.add("data.pkl", pickle(elements)));
    }

    private static byte[] pickle(long elements) {
        return TestPickle.begin()
                .op("}")
                .text("w")
                .floats("0", elements)
                .op("s.")
                .end();
    }

    @Test
    void refusesDamagedCompression() throws IOException {
        byte[] noise = {6, 7, 7, 7, 7, 7, 7, 7};
        refuses(
                "has invalid compressed data",
                new ZipWriter().add("data.pkl", noise, e -> e.withMethod(8).sized(8, 300)));
        refusesValues(
                "has invalid compressed data",
                new ZipWriter()
                        .add("data.pkl", PICKLE)
                        .add("data/0", noise, e -> e.withMethod(8).sized(8, 16)));
    }

    @Test
    void saysWhatOtherArchivesAre() throws IOException {
        refuses("does not begin like an array of NumPy", new ZipWriter().add("weights.npy", VALUES));
        refuses("Keras", new ZipWriter().add("model.weights.h5", VALUES));
        refuses("without data.pkl", new ZipWriter().add("readme.txt", VALUES));
        refuses("without data.pkl", new ZipWriter());
    }

    @Test
    void refusesAFileCutOrPaddedAnywhere() throws IOException {
        for (boolean wide : new boolean[] {false, true}) {
            byte[] whole = archive(e -> e).bytes(wide);
            Path file = folder.resolve("cut.pt");
            for (int length = 0; length < whole.length; length++) {
                Files.write(file, Arrays.copyOf(whole, length));
                assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
            }
            Files.write(file, Arrays.copyOf(whole, whole.length + 1));
            assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        }
    }
}
