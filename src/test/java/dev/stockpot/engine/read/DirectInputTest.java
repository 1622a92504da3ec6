package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.nio.file.ExtendedOpenOption;
import dev.stockpot.TestFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.memory.DirectFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.run.IoMode;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File systems that open a file for direct access and then refuse to read it so, or want other blocks than they say. */
class DirectInputTest {
    @TempDir
    Path folder;

    private final byte[] content = new byte[50_000];
    private Path file;

    @BeforeEach
    void write() throws IOException {
        new Random(1).nextBytes(content);
        file = Files.write(folder.resolve("file"), content);
    }

    private DirectInput open(FileChannel direct, int block, boolean demanded) throws IOException {
        FileSource source = new FileSource(file, Optional.of(FileVersion.of(file)));
        return new DirectInput(source, new OpenFiles(), path -> DirectFile.of(direct, block), demanded);
    }

    /** Any read through it fails, as if the file system refused it. */
    private FileChannel refusing() throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
        channel.close();
        return channel;
    }

    private void assertReads(DirectInput input) {
        Memory memory = Memory.of(ByteBuffer.allocateDirect(100_000).alignedSlice(8));
        for (int from : new int[] {0, 1, 511, 4096, 30_000}) {
            byte[] read = new byte[9000];
            memory.slice(input.readInto(from, read.length, memory, 4096), read.length)
                    .get(read);
            assertArrayEquals(Arrays.copyOfRange(content, from, from + read.length), read, "from byte " + from);
        }
    }

    @Test
    void aDirectReadThatIsRefusedGoesThroughThePageCache() throws Exception {
        try (DirectInput input = open(refusing(), 4096, false)) {
            assertReads(input);
        }
    }

    @Test
    void soDoesOneInBlocksSmallerThanTheDisks() throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        FileChannel direct = FileChannel.open(file, StandardOpenOption.READ, ExtendedOpenOption.DIRECT);
        try (DirectInput input = open(direct, 16, false)) {
            assertReads(input);
        }
    }

    @Test
    void whereItIsDemandedItIsAnErrorThatSaysSo() throws Exception {
        try (DirectInput input = open(refusing(), 4096, true)) {
            CheckpointException e = assertThrows(CheckpointException.class, () -> assertReads(input));
            assertEquals(Reason.UNREADABLE, e.reason());
            assertTrue(e.getMessage().contains("cannot read past the page cache at byte 0"), e.getMessage());
        }
    }

    @Test
    void aFileThatEndsTooEarlyIsNoRefusal() throws Exception {
        assumeTrue(TestFiles.waysToRead(folder).contains(IoMode.DIRECT), "the file system has no direct access");
        try (DirectFile direct = DirectFile.open(file, StandardOpenOption.READ)) {
            int block = direct.block();
            assertEquals(0, block & (block - 1), "a power of two");
            assertTrue(block >= Files.getFileStore(file).getBlockSize(), "the JVM reads no smaller ones");
            assertFalse(block > 1 << 20, "a block of " + block);
            Memory memory = Memory.of(ByteBuffer.allocateDirect(8 * block).alignedSlice(block));
            assertThrows(IOException.class, () -> direct.read(content.length - 10, 20, memory, 0));
            assertEquals(10, direct.read(10, 20, memory, 0));
        }
    }
}
