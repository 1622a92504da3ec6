package dev.stockpot.system;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A folder for what lives no longer than a run, in memory where there is room. A run that is killed cannot clear up behind
 * itself, and what it leaves in memory is missed until the machine restarts; so a folder is locked while it is in use, and
 * whoever opens one next to it removes those that nobody holds any more.
 */
public final class ScratchFolder implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final String PREFIX = "stockpot-";
    private static final String LOCK = ".lock";

    /** Between a folder's making and its locking nobody may take it for forsaken. */
    private static final Duration MAKING = Duration.ofSeconds(30);

    private final Path folder;
    private final FileChannel lock;

    private ScratchFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * A new folder under {@code parent}; under {@code /dev/shm} or else the system's folder for temporary files where
     * {@code parent} is empty.
     *
     * @param bytes what is going to be in it at one time
     * @throws CheckpointException where it cannot be made, or there is no room
     */
    public static ScratchFolder open(Optional<Path> parent, long bytes) {
        Path place = parent.orElse(MEMORY);
        try {
            if (parent.isEmpty()) {
                Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
                // Twice: pages of the ingredients want to stay in memory too.
                place = hasRoom(MEMORY, Math.multiplyExact(2, bytes)) ? MEMORY : temporary;
            }
            clearUp(place);
            if (!hasRoom(place, bytes)) {
                throw new CheckpointException(
                        Reason.NO_SCRATCH_ROOM,
                        place,
                        "has no room for " + bytes + " bytes",
                        Details.of().number("needed", bytes).hint("name another folder for what is scored"));
            }
            Path folder = Files.createTempDirectory(place, own());
            FileChannel lock =
                    FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            if (lock.tryLock() == null) {
                throw new IOException("its lock is taken");
            }
            return new ScratchFolder(folder, lock);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    place,
                    "no scratch folder can be made there: " + e,
                    Details.of().cause(e));
        }
    }

    /** A path in it that nothing has yet. */
    public Path resolve(String name) {
        return folder.resolve(name);
    }

    /** Removes what {@link #resolve} gave a place to. */
    public void remove(Path path) {
        try {
            delete(path);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    path,
                    "cannot be removed: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }

    private static boolean hasRoom(Path place, long bytes) throws IOException {
        if (!Files.isDirectory(place) || !Files.isWritable(place)) {
            return false;
        }
        FileStore store = Files.getFileStore(place);
        return store.getUsableSpace() > bytes;
    }

    /** How this process's folders begin. */
    private static String own() {
        return PREFIX + ProcessHandle.current().pid() + "-";
    }

    /** Removes what runs that were killed have left. */
    private static void clearUp(Path place) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(place, PREFIX + "*")) {
            for (Path folder : left) {
                // This process's own are left alone: closing a file takes away all its locks, whoever holds them.
                if (!folder.getFileName().toString().startsWith(own())) {
                    removeIfForsaken(folder);
                }
            }
        }
    }

    private static void removeIfForsaken(Path folder) {
        Path file = folder.resolve(LOCK);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
                FileLock held = channel.tryLock()) {
            Instant made = Files.getLastModifiedTime(file).toInstant();
            if (held != null && made.isBefore(Instant.now().minus(MAKING))) {
                delete(folder);
            }
        } catch (IOException e) {
            // Not there, another user's, or somebody else is at it: in any case not ours to remove.
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
                for (Path entry : entries) {
                    delete(entry);
                }
            }
        }
        Files.deleteIfExists(path);
    }

    /** Deletes it and all that is in it. */
    @Override
    public void close() {
        try (lock) {
            delete(folder);
        } catch (IOException e) {
            throw new CheckpointException(
                    Reason.UNWRITABLE,
                    folder,
                    "cannot be removed: " + e.getMessage(),
                    Details.of().cause(e));
        }
    }
}
