package dev.stockpot.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.kernel.CpuKernels;
import dev.stockpot.kernel.KernelSelection;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedFileTest {
    private static final int ELEMENTS = 1 << 20;

    @TempDir
    Path folder;

    @Test
    void itsBytesAreTheFilesThroughEveryAdvice() throws IOException {
        Path path = Files.write(folder.resolve("some name é"), new byte[] {1, 2, 3, 4, 5});
        try (MappedFile file = MappedFile.map(path)) {
            assertEquals(5, file.size());
            file.prefetch(0, 5);
            file.populate(1, 4);
            PassedPages passed = new PassedPages();
            file.passed(0, 5, 1, passed);
            passed.release();
            assertEquals(ByteBuffer.wrap(new byte[] {2, 3, 4}), file.slice(1, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> file.slice(3, 3));
            assertThrows(IndexOutOfBoundsException.class, () -> file.populate(0, 6));
        }
    }

    @Test
    void whatLiesWellBehindLeavesTheProcessInEveryMapping() throws IOException {
        long size = 24L << 20;
        Path path = folder.resolve("passed");
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(size);
            file.seek(5);
            file.write(42);
        }
        List<MappedFile> mappings = new ArrayList<>();
        try {
            PassedPages passed = new PassedPages();
            for (int k = 0; k < 70; k++) {
                MappedFile mapping = MappedFile.map(path);
                mappings.add(mapping);
                mapping.populate(0, size);
            }
            assertTrue(resident(path) > 69 * size, "except pages that were still being read");
            for (MappedFile mapping : mappings) {
                mapping.passed(0, size, 1, passed);
            }
            passed.release();
            assertTrue(resident(path) <= 70 * (8L << 20), "the last part may stay");
            assertEquals(42, mappings.get(69).slice(5, 1).get(), "it comes back when it is read");
        } finally {
            mappings.forEach(MappedFile::close);
        }
    }

    /** Resident bytes of the file in this process, summed over its mappings. */
    private static long resident(Path path) throws IOException {
        long kilobytes = 0;
        boolean its = false;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                its = line.endsWith(path.toRealPath().toString());
            } else if (its && line.startsWith("Rss:")) {
                kilobytes += Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return kilobytes << 10;
    }

    @Test
    void anEmptyFileIsEmptyMemory() throws IOException {
        try (MappedFile file = MappedFile.map(Files.createFile(folder.resolve("empty")))) {
            assertEquals(0, file.size());
            assertEquals(0, file.slice(0, 0).capacity());
            file.populate(0, 0);
        }
    }

    @Test
    void aFileOverFourGibibytesIsReadAtItsEnd() throws IOException {
        Path path = folder.resolve("sparse");
        long last = 5L << 30;
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(last + 1);
            file.seek(last);
            file.write(42);
        }
        try (MappedFile file = MappedFile.map(path)) {
            assertEquals(42, file.slice(last, 1).get());
        }
    }

    @Test
    void whatCannotBeMappedSaysWhy() {
        IOException missing = assertThrows(IOException.class, () -> MappedFile.map(folder.resolve("missing")));
        assertTrue(missing.getMessage().contains("no such file"), missing::getMessage);
        IOException directory = assertThrows(IOException.class, () -> MappedFile.map(folder));
        assertTrue(directory.getMessage().contains("directory"), directory::getMessage);
    }

    @Test
    void useAfterCloseIsRefused() throws IOException {
        MappedFile file = MappedFile.map(Files.write(folder.resolve("a"), new byte[1]));
        file.close();
        file.close();
        assertThrows(IllegalStateException.class, () -> file.slice(0, 1));
    }

    @Test
    void aFileThatShrankIsNamedAndTheJvmLives() throws IOException {
        Path path = folder.resolve("shrinks");
        ByteBuffer whole = ByteBuffer.allocateDirect(4 * ELEMENTS);
        Operand steady = new Operand(DType.F32, Memory.of(whole), 0);
        for (Kernels kernels : KernelSelection.available()) {
            if (!(kernels instanceof CpuKernels)) {
                continue;
            }
            Files.write(path, new byte[4 * ELEMENTS]);
            try (MappedFile file = MappedFile.map(path);
                    Memory out = kernels.memory().allocate(4 * ELEMENTS)) {
                Operand shrinking = new Operand(DType.F32, file, 0);
                Mix mix =
                        new Mix(new Operand(DType.F32, out, 0), List.of(steady, shrinking, steady), ELEMENTS, null, 3);
                kernels.mix(mix);
                truncate(path);
                assertSame(
                        file,
                        assertThrows(SourceFaultException.class, () -> kernels.mix(mix))
                                .memory());
                assertThrows(SourceFaultException.class, () -> file.populate(0, file.size()));
            }
        }
    }

    @Test
    void aLocalFolderIsNotANetworkFileSystem() {
        assertFalse(NativeLibrary.isNetworkFileSystem(Path.of("/proc")));
        assertFalse(NativeLibrary.isNetworkFileSystem(folder.resolve("missing")));
    }

    private static void truncate(Path path) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength(8192);
        }
    }
}
