package dev.stockpot.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlainReadTest {
    @TempDir
    Path folder;

    @BeforeEach
    void needsTheNativeLibrary() {
        assumeTrue(NativeLibrary.isAvailable());
    }

    @Test
    void readsEveryWordOnce() throws IOException {
        byte[] bytes = new byte[3 * 64 * 1024 + 64];
        new Random(1).nextBytes(bytes);
        long expected = 0;
        ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        while (words.hasRemaining()) {
            expected ^= words.getLong();
        }
        Path file = Files.write(folder.resolve("file"), bytes);
        try (MappedFile mapped = MappedFile.map(file)) {
            assertEquals(expected, PlainRead.of(mapped, 0, mapped.size()));
            assertEquals(0, PlainRead.of(mapped, 5, 0));
            assertThrows(IndexOutOfBoundsException.class, () -> PlainRead.of(mapped, 1, mapped.size()));
        }
    }

    @Test
    void aFileThatShrankIsAnException() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[1 << 20]);
        try (MappedFile mapped = MappedFile.map(file)) {
            try (RandomAccessFile shrinking = new RandomAccessFile(file.toFile(), "rw")) {
                shrinking.setLength(4096);
            }
            assertThrows(SourceFaultException.class, () -> PlainRead.of(mapped, 0, mapped.size()));
        }
    }

    @Test
    void aForgottenFileHoldsWhatItHeld() throws IOException {
        byte[] bytes = new byte[1 << 20];
        new Random(2).nextBytes(bytes);
        Path file = Files.write(folder.resolve("file"), bytes);
        PlainRead.forget(file);
        assertEquals(-1, Files.mismatch(file, Files.write(folder.resolve("same"), bytes)));
        assertThrows(IOException.class, () -> PlainRead.forget(folder.resolve("none")));
    }
}
