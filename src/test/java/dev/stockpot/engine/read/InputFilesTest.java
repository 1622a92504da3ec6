package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.TestFiles;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.memory.NativeLibrary;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.run.IoMode;
import dev.stockpot.system.AvailableMemory;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputFilesTest {
    @TempDir
    Path folder;

    private static InputFiles open(Path file, IoMode io, boolean cacheable) throws IOException {
        SourceSpans all = new SourceSpans(Files.size(file), List.of(new SourceSpans.Span(file, 0, DType.U8)));
        return InputFiles.open(List.of(all), io, cacheable);
    }

    private Path random(Path where, int bytes) throws IOException {
        byte[] content = new byte[bytes];
        new Random(bytes).nextBytes(content);
        return Files.write(where, content);
    }

    @Test
    void whatIsLargerThanMemoryPassesByThePageCache() throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        assumeTrue(NativeLibrary.isAvailable(), "needs mapped files");
        Path file = random(folder.resolve("file"), 10_000);
        try (InputFiles files = open(file, IoMode.AUTO, true)) {
            assertNotNull(files.get(file).mapping());
            assertFalse(files.anyAwaited());
        }
        try (InputFiles files = open(file, IoMode.AUTO, false)) {
            assertNull(files.get(file).mapping());
            assertTrue(files.anyAwaited());
        }
        for (IoMode io : List.of(IoMode.MMAP, IoMode.READ)) {
            try (InputFiles files = open(file, io, false)) {
                assertFalse(files.anyAwaited(), io.toString());
            }
        }
    }

    @Test
    void filesThatLieInMemoryAreMappedHoweverLarge() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && NativeLibrary.isInMemory(memory), "needs a file system in memory");
        Path file =
                random(memory.resolve("stockpot test " + ProcessHandle.current().pid() + ".bin"), 10_000);
        try (InputFiles files = open(file, IoMode.AUTO, false)) {
            assertNotNull(files.get(file).mapping());
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void directReadsAreInPlaceFromAnyByteToAnyOther() throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        assumeTrue(NativeLibrary.isAvailable(), "needs native memory");
        Path file = random(folder.resolve("file"), 3 * 4096 + 100);
        byte[] content = Files.readAllBytes(file);
        try (InputFiles files = open(file, IoMode.DIRECT, true);
                NativeMemory memory = NativeMemory.allocate(4 << 20)) {
            InputFile input = files.get(file);
            assertEquals(0, memory.address() % input.block());
            for (int from : new int[] {0, 1, 4095, 4096, 4097, 8192, 3 * 4096 + 99}) {
                for (int to : new int[] {from + 1, from + 4095, from + 4096, from + 4097, content.length}) {
                    if (to > content.length) {
                        continue;
                    }
                    long at = input.readBlocks(from, to - from, memory, input.block());
                    byte[] read = new byte[to - from];
                    memory.slice(at, read.length).get(read);
                    assertArrayEquals(Arrays.copyOfRange(content, from, to), read, from + " to " + to);
                }
            }
            CheckpointException end = assertThrows(
                    CheckpointException.class, () -> input.readBlocks(content.length - 1, 2, memory, input.block()));
            assertTrue(end.getMessage().contains("shrank"), end.getMessage());
        }
    }

    @Test
    void directAccessThatIsNotThereIsAnError() throws Exception {
        Path file = Path.of("/proc/self/status");
        assumeTrue(Files.isReadable(file), "needs a file system without direct access");
        CheckpointException refused =
                assertThrows(CheckpointException.class, () -> InputFile.open(file, IoMode.DIRECT, true));
        assertTrue(refused.getMessage().contains("cannot open it"), refused.getMessage());
    }

    @Test
    void aFewBytesAlwaysFitAndNoMachineHoldsEverything() {
        assertTrue(AvailableMemory.holds(1 << 20));
        assertFalse(AvailableMemory.holds(1L << 60));
    }
}
