package dev.stockpot.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
    @TempDir
    Path parent;

    /** Whether another process can lock the file: then no process holds it. */
    private static boolean isFree(Path lock) throws Exception {
        Process process = new ProcessBuilder(
                        "python3",
                        "-c",
                        "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)",
                        lock.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor() == 0;
    }

    private List<Path> folders() throws IOException {
        try (Stream<Path> all = Files.list(parent)) {
            return all.toList();
        }
    }

    @Test
    void oneFoldersMakingDoesNotFreeAnother() throws Exception {
        try (ScratchFolder first = ScratchFolder.open(Optional.of(parent), 1)) {
            Path lock = first.resolve(".lock");
            // By another process: if this one opened and closed the file, it would lose the lock.
            assertEquals(
                    0,
                    new ProcessBuilder("touch", "-d", "@0", lock.toString())
                            .start()
                            .waitFor());
            assertFalse(isFree(lock));
            ScratchFolder.open(Optional.of(parent), 1).close();
            assertFalse(isFree(lock));
            assertTrue(Files.exists(lock));
        }
        assertEquals(List.of(), folders());
    }

    @Test
    void whatAKilledRunLeftIsRemovedAndWhatIsNotOursStays() throws Exception {
        Path forsaken = folder("stockpot-999999999-left", "rwx------");
        Files.createFile(forsaken.resolve(".lock"));
        Files.setLastModifiedTime(forsaken.resolve(".lock"), FileTime.fromMillis(0));
        Files.write(forsaken.resolve("candidate-1.safetensors"), new byte[10]);
        Path making = Files.createDirectory(parent.resolve("stockpot-999999999-new"));
        Files.createFile(making.resolve(".lock"));
        Path other = Files.createDirectory(parent.resolve("stockpot-notes"));
        ScratchFolder.open(Optional.of(parent), 1).close();
        assertFalse(Files.exists(forsaken));
        assertTrue(Files.exists(making.resolve(".lock")));
        assertTrue(Files.exists(other));
    }

    private Path folder(String name, String permissions) throws IOException {
        Path made = Files.createDirectory(parent.resolve(name));
        return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString(permissions));
    }

    /** Whoever can change a folder can put a pipe into it, which is opened for ever, or a link to anything. */
    @Test
    @Timeout(value = 1, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void pipesLinksAndOpenFoldersAreLeftAlone() throws Exception {
        Path pipe = folder("stockpot-1-pipe", "rwx------").resolve(".lock");
        assertEquals(0, new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor());
        Path open = folder("stockpot-1-open", "rwxrwxrwx");
        Path lock = Files.createFile(open.resolve(".lock"));
        Files.setLastModifiedTime(lock, FileTime.fromMillis(0));
        Path others = Files.createFile(folder("others", "rwx------").resolve("file"));
        Path linked = folder("stockpot-1-linked", "rwx------");
        Files.createSymbolicLink(linked.resolve(".lock"), others);
        Files.setLastModifiedTime(others, FileTime.fromMillis(0));
        ScratchFolder.open(Optional.of(parent), 1).close();
        for (Path kept : new Path[] {pipe, lock, others, linked.resolve(".lock")}) {
            assertTrue(Files.exists(kept), kept.toString());
        }
    }

    @Test
    void noRoomIsSaid() {
        CheckpointException e = assertThrows(
                CheckpointException.class, () -> ScratchFolder.open(Optional.of(parent), Long.MAX_VALUE / 4));
        assertTrue(e.getMessage().contains("no room"), e.getMessage());
    }
}
