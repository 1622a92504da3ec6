package dev.stockpot.system;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A folder for files that live no longer than a run, in memory if there is room. A run that is killed cannot clean up, and
 * the memory that its files take is lost until the machine restarts. So opening a folder removes those next to it whose
 * process has ended. Of another machine's or container's process that is not known: a folder is locked while it is in use,
 * and goes once no process holds it any more.
 */
public final class ScratchFolder implements AutoCloseable {
    private static final Path MEMORY = Path.of("/dev/shm");
    private static final String PREFIX = "stockpot-";
    private static final String LOCK = ".lock";
    /** File systems of one machine. */
    private static final Set<String> LOCAL =
            Set.of("tmpfs", "overlay", "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "zfs");

    /** A folder of an unknown process that is younger than this is not removed: it may not be locked yet. */
    private static final Duration MAKING = Duration.ofSeconds(30);

    private final Path folder;
    private final FileChannel lock;

    private ScratchFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /**
     * A new folder under {@code parent}; under {@code /dev/shm} or else the system's folder for temporary files if
     * {@code parent} is empty.
     *
     * @param bytes the most that it holds at one time
     * @throws CheckpointException if it cannot be made, or there is no room
     */
    public static ScratchFolder open(Optional<Path> parent, long bytes) {
        Path place = parent.orElse(MEMORY);
        try {
            if (parent.isEmpty()) {
                Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
                // Twice: pages of the ingredients should stay in memory too.
                place = hasRoom(MEMORY, Math.multiplyExact(2, bytes)) ? MEMORY : temporary;
            }
            clearUp(place);
            if (!hasRoom(place, bytes)) {
                throw new CheckpointException(
                        Reason.NO_SCRATCH_ROOM,
                        place,
                        "has no room for " + bytes + " bytes",
                        Details.of().number("needed", bytes).hint("choose another folder for scratch files"));
            }
            Path folder = TemporaryName.newFolder(place, PREFIX);
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

    /** A path in it, for a new file or folder. */
    public Path resolve(String name) {
        return folder.resolve(name);
    }

    /** Removes the file or folder at a path from {@link #resolve}. */
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
        if (place.equals(MEMORY) && AvailableMemory.bytes() <= bytes) {
            // Files in memory count against a container's limit, whatever their file system has left.
            return false;
        }
        try {
            return Files.getFileStore(place).getUsableSpace() > bytes;
        } catch (IOException e) {
            // Without mount points to look at, as in some containers, nothing is known.
            return true;
        }
    }

    /** Removes what killed runs have left where {@link #open} would make a folder. */
    public static void sweep(Optional<Path> parent) {
        if (parent.isPresent()) {
            clearUp(parent.get());
        } else {
            clearUp(MEMORY);
            clearUp(Path.of(System.getProperty("java.io.tmpdir")));
        }
    }

    /** Removes the folders that killed runs have left. */
    private static void clearUp(Path place) {
        List<Path> left = TemporaryName.between(place, PREFIX, "");
        String[] names = place.toFile().list();
        for (int i = 0; names != null && i < names.length; i++) {
            // This process's own are skipped: closing a file releases all of the process's locks on it.
            Path folder = place.resolve(names[i]);
            if (names[i].startsWith(PREFIX) && !TemporaryName.isOwn(names[i], PREFIX) && isPrivate(folder)) {
                removeIfForsaken(folder, left.contains(folder));
            }
        }
    }

    /** Whether it is a folder that only this user can change: in others, names may lead anywhere, or to a pipe. */
    private static boolean isPrivate(Path folder) {
        try {
            PosixFileAttributes found =
                    Files.readAttributes(folder, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            return found.isDirectory()
                    && found.owner().equals(Files.getOwner(Path.of("/proc/self")))
                    && PosixFilePermissions.toString(found.permissions()).endsWith("------");
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }

    private static void removeIfForsaken(Path folder, boolean ended) {
        Path file = folder.resolve(LOCK);
        if (ended) {
            try {
                delete(folder);
            } catch (IOException e) {
                // Another process is removing it.
            }
            return;
        }
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || !locksAreOfAll(folder)) {
            return;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
                FileLock held = channel.tryLock()) {
            Instant made = Files.getLastModifiedTime(file).toInstant();
            if (held != null && made.isBefore(Instant.now().minus(MAKING))) {
                delete(folder);
            }
        } catch (IOException e) {
            // Missing, another user's, or being removed by another process: in any case not ours to remove.
        }
    }

    /** Whether a lock is seen by everyone who can reach it: on a network file system it may be of one machine. */
    private static boolean locksAreOfAll(Path folder) {
        try {
            return LOCAL.contains(Files.getFileStore(folder).type());
        } catch (IOException e) {
            return false;
        }
    }

    private static void delete(Path path) throws IOException {
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : Listing.of(path)) {
                delete(entry);
            }
        }
        Files.deleteIfExists(path);
    }

    /** Deletes it and everything in it. */
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
