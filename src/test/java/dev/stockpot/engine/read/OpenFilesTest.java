package dev.stockpot.engine.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.stockpot.OpenHandles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More files than a pass may keep open. */
class OpenFilesTest {
    private static final int FILES = 100;

    @TempDir
    Path folder;

    private final List<OpenFiles.Reopened<FileChannel>> opened = new ArrayList<>();

    /** File k holds the byte k. */
    private void make(long limit) throws IOException {
        OpenFiles files = new OpenFiles(() -> limit);
        for (int k = 0; k < FILES; k++) {
            Path file = Files.write(folder.resolve("f" + k), new byte[] {(byte) k});
            FileSource source = new FileSource(file, Optional.of(FileVersion.of(file)));
            opened.add(files.file(source, FileChannel::open));
        }
    }

    private int read(int file) throws IOException {
        ByteBuffer one = ByteBuffer.allocate(1);
        opened.get(file).use(channel -> channel.read(one, 0));
        return one.get(0);
    }

    @Test
    void aQuarterOfTheLimitStaysOpenAndAllAreRead() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/proc/self/fd")));
        make(256);
        assertEquals(List.of(), OpenHandles.of(folder), "files are opened when they are read first");
        for (int round = 0; round < 3; round++) {
            for (int k = 0; k < FILES; k++) {
                assertEquals(k, read(k));
            }
            assertEquals(64, OpenHandles.of(folder).size());
        }
        for (OpenFiles.Reopened<FileChannel> file : opened) {
            file.close();
        }
        assertEquals(List.of(), OpenHandles.of(folder));
    }

    @Test
    void aFileThatIsOpenedAgainMustBeTheSame() throws Exception {
        make(0);
        for (int k = 0; k < FILES; k++) {
            read(k);
        }
        Files.write(folder.resolve("f0"), new byte[] {1, 1});
        Files.write(folder.resolve("f99"), new byte[] {1, 1});
        assertEquals(1, read(0), "it is open, and the end of the pass looks at its version");
        CheckpointException e = assertThrows(CheckpointException.class, () -> read(99));
        assertEquals(Reason.CHANGED, e.reason());
        Files.delete(folder.resolve("f98"));
        assertThrows(NoSuchFileException.class, () -> read(98));
        for (OpenFiles.Reopened<FileChannel> file : opened) {
            file.close();
        }
    }
}
