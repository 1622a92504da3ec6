package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
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
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.TensorInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputsTest {
    @TempDir
    Path folder;

    private static Inputs open(Path file, IoMode io, boolean cacheable) throws IOException {
        TensorInfo all =
                new TensorInfo("all", DType.U8, List.of(Files.size(file)), new FileSource(file), 0, Files.size(file));
        return Inputs.open(List.of(SourceSpans.of(List.of(all))), io, cacheable);
    }

    private static Input only(Inputs inputs, Path file) {
        return inputs.get(new FileSource(file));
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
        try (Inputs files = open(file, IoMode.AUTO, true)) {
            assertInstanceOf(MappedInput.class, only(files, file));
            assertFalse(files.anyAwaited());
        }
        try (Inputs files = open(file, IoMode.AUTO, false)) {
            assertInstanceOf(DirectInput.class, only(files, file));
            assertTrue(files.anyAwaited());
        }
        for (IoMode io : List.of(IoMode.MMAP, IoMode.READ)) {
            try (Inputs files = open(file, io, false)) {
                assertFalse(files.anyAwaited(), io.toString());
            }
        }
    }

    @Test
    void filesInMemoryAreMappedHoweverLarge() throws Exception {
        Path memory = Path.of("/dev/shm");
        assumeTrue(Files.isWritable(memory) && NativeLibrary.isInMemory(memory), "needs a file system in memory");
        Path file =
                random(memory.resolve("stockpot test " + ProcessHandle.current().pid() + ".bin"), 10_000);
        try (Inputs files = open(file, IoMode.AUTO, false)) {
            assertInstanceOf(MappedInput.class, only(files, file));
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
        try (Inputs files = open(file, IoMode.DIRECT, true);
                NativeMemory memory = NativeMemory.allocate(4 << 20)) {
            Input input = only(files, file);
            assertEquals(0, memory.address() % input.block());
            for (int from : new int[] {0, 1, 4095, 4096, 4097, 8192, 3 * 4096 + 99}) {
                for (int to : new int[] {from + 1, from + 4095, from + 4096, from + 4097, content.length}) {
                    if (to > content.length) {
                        continue;
                    }
                    long at = input.readInto(from, to - from, memory, input.block());
                    byte[] read = new byte[to - from];
                    memory.slice(at, read.length).get(read);
                    assertArrayEquals(Arrays.copyOfRange(content, from, to), read, from + " to " + to);
                }
            }
            CheckpointException end = assertThrows(
                    CheckpointException.class, () -> input.readInto(content.length - 1, 2, memory, input.block()));
            assertTrue(end.getMessage().contains("shrank"), end.getMessage());
        }
    }

    @Test
    void directAccessThatIsNotThereIsAnError() throws Exception {
        Path file = Path.of("/proc/self/status");
        assumeTrue(Files.isReadable(file), "needs a file system without direct access");
        CheckpointException refused = assertThrows(
                CheckpointException.class,
                () -> FileInput.open(new FileSource(file), IoMode.DIRECT, true, new OpenFiles()));
        assertTrue(refused.getMessage().contains("cannot open it"), refused.getMessage());
    }

    @Test
    void aFewBytesAlwaysFitAndNoMachineHoldsEverything() {
        assertTrue(AvailableMemory.holds(1 << 20));
        assertFalse(AvailableMemory.holds(1L << 60));
    }
}
