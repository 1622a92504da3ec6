package dev.stockpot.checkpoint.gguf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers that no llama.cpp wrote: each is refused by name, whatever it claims. */
class HostileGgufTest {
    @TempDir
    Path folder;

    /** A file being written. */
    private static final class Bytes {
        private final ByteBuffer out = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);

        Bytes(int version, long tensors, long entries) {
            out.putInt(0x46554747).putInt(version).putLong(tensors).putLong(entries);
        }

        Bytes text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            out.putLong(bytes.length).put(bytes);
            return this;
        }

        Bytes ints(int... numbers) {
            Arrays.stream(numbers).forEach(out::putInt);
            return this;
        }

        Bytes longs(long... numbers) {
            Arrays.stream(numbers).forEach(out::putLong);
            return this;
        }

        /** A tensor of one dimension. */
        Bytes tensor(String name, long size, int type, long offset) {
            return text(name).ints(1).longs(size).ints(type).longs(offset);
        }

        byte[] values(int bytes) {
            out.position((out.position() + 31) / 32 * 32 + bytes);
            return Arrays.copyOf(out.array(), out.position());
        }

        byte[] end() {
            return Arrays.copyOf(out.array(), out.position());
        }
    }

    private void refuses(String reason, byte[] bytes) throws IOException {
        Path file = Files.write(folder.resolve("hostile.gguf"), bytes);
        CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
        assertTrue(e.getMessage().contains(reason), e.getMessage());
        assertTrue(e.file().isPresent() && e.getMessage().length() < 500, e.getMessage());
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = Files.readAllBytes(Path.of("src/test/resources/gguf/floats.gguf"));
        // The last 12 bytes are padding and the padding's padding.
        for (int length = 4; length < whole.length - 32; length++) {
            Path file = Files.write(folder.resolve("cut.gguf"), Arrays.copyOf(whole, length));
            CheckpointException e = assertThrows(CheckpointException.class, () -> Checkpoint.open(file));
            assertEquals(Reason.DAMAGED, e.reason(), e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1", "4", "65535", "-1"})
    void otherVersions(int version) throws IOException {
        refuses("of GGUF; 2 and 3 are read", new Bytes(version, 0, 0).end());
    }

    @ParameterizedTest
    @CsvSource({"-1", "9223372036854775807", "1099511627776", "3"})
    void moreThanThereAreBytesFor(long count) throws IOException {
        refuses("tensors, more than it has bytes for", new Bytes(3, count, 0).end());
        refuses("entries of metadata, more than", new Bytes(3, 0, count).end());
        refuses(
                "more than it has bytes for",
                new Bytes(3, 0, 1).longs(count == 3 ? 30 : count).longs(0, 0).end());
        Bytes text = new Bytes(3, 0, 1).text("key").ints(8).longs(count == 3 ? 4 : count);
        refuses("bytes of the text key, more than", text.end());
        Bytes array = new Bytes(3, 0, 1).text("key").ints(9, 10).longs(count);
        refuses("U64, more than it has bytes for", array.end());
    }

    @Test
    void aKeyOfAMegabyte() throws IOException {
        byte[] file = new byte[1 << 20];
        ByteBuffer.wrap(file).put(new Bytes(3, 0, 1).longs(1 << 19).end());
        refuses("a key of 524288 bytes, more than the 65535 read", file);
    }

    @Test
    void arraysWithoutEnd() throws IOException {
        Bytes nested = new Bytes(3, 0, 1).text("key").ints(9);
        for (int k = 0; k < 200; k++) {
            nested.ints(9).longs(1);
        }
        refuses("within arrays", nested.end());
    }

    @Test
    void unknownTypes() throws IOException {
        refuses("unknown type 13", new Bytes(3, 0, 1).text("key").ints(13).values(32));
        refuses(
                "of the type number 77",
                new Bytes(3, 1, 0).tensor("w", 4, 77, 0).values(32));
        refuses(
                "of the type IQ4_XS, which is not read",
                new Bytes(3, 1, 0).tensor("w", 256, 23, 0).values(256));
        refuses("of the type TQ1_0", new Bytes(3, 1, 0).tensor("w", 256, 34, 0).values(256));
    }

    @Test
    void sizesThatNoFileHolds() throws IOException {
        refuses(
                "has the size 18446744073709551615",
                new Bytes(3, 1, 0).tensor("w", -1, 0, 0).values(32));
        refuses(
                "no file can hold",
                new Bytes(3, 1, 0).tensor("w", Long.MAX_VALUE, 0, 0).values(32));
        Bytes product = new Bytes(3, 1, 0)
                .text("w")
                .ints(3)
                .longs(1L << 31, 1L << 31, 4)
                .ints(0)
                .longs(0);
        refuses("no file can hold", product.values(32));
        refuses(
                "5 dimensions",
                new Bytes(3, 1, 0)
                        .text("w")
                        .ints(5)
                        .longs(1, 1, 1, 1, 1)
                        .ints(0)
                        .longs(0)
                        .values(32));
        refuses(
                "no multiple of the 32 values",
                new Bytes(3, 1, 0).tensor("w", 33, 8, 0).values(64));
        Bytes scalar = new Bytes(3, 1, 0).text("w").ints(0).ints(8).longs(0);
        refuses("no multiple of the 32 values", scalar.values(64));
    }

    @ParameterizedTest
    @CsvSource({"4, multiple of the alignment", "-32, multiple of the alignment", "32, truncated or damaged"})
    void placesOutsideOfTheFile(long offset, String reason) throws IOException {
        refuses(reason, new Bytes(3, 1, 0).tensor("w", 8, 0, offset).values(32));
        refuses(
                reason,
                new Bytes(3, 1, 0)
                        .tensor("w", 8, 0, offset == 32 ? Long.MAX_VALUE - 31 : offset)
                        .values(32));
    }

    @Test
    void tensorsThatOverlapOrRepeat() throws IOException {
        refuses(
                "overlaps",
                new Bytes(3, 2, 0).tensor("a", 16, 0, 0).tensor("b", 8, 0, 32).values(64));
        refuses(
                "is there twice",
                new Bytes(3, 2, 0).tensor("a", 8, 0, 0).tensor("a", 8, 0, 32).values(64));
        Bytes twice = new Bytes(3, 0, 2).text("key").ints(4, 1).text("key").ints(4, 2);
        refuses("has the metadata key twice", twice.values(0));
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "-2147483648", "16777216"})
    void alignmentsThatAreNone(int alignment) throws IOException {
        refuses(
                "no power of two",
                new Bytes(3, 0, 1).text("general.alignment").ints(4, alignment).values(0));
    }

    @Test
    void aShardOfMillions() throws IOException {
        Bytes many = new Bytes(3, 0, 2)
                .text("split.count")
                .ints(4, -1)
                .text("split.no")
                .ints(4, 0);
        refuses("is named otherwise", many.values(0));
    }
}
