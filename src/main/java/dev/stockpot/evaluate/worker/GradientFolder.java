package dev.stockpot.evaluate.worker;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.system.ScratchFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A private folder for one gradient: in memory if there is room, in the temporary folder otherwise. */
final class GradientFolder implements AutoCloseable {
    /** More than a file takes in addition to its values. */
    private static final long BESIDE = 64L << 20;

    private final ScratchFolder folder;

    private GradientFolder(ScratchFolder folder) {
        this.folder = folder;
    }

    /**
     * Creates one that only this user can read.
     *
     * @param bytes of the values to be written into it
     * @throws dev.stockpot.error.CheckpointException if neither place is writable and has room
     */
    static GradientFolder create(long bytes) {
        return new GradientFolder(ScratchFolder.open(Optional.empty(), Math.addExact(bytes, BESIDE)));
    }

    /** The file that the worker writes; does not exist yet. */
    Path file() {
        return folder.resolve("gradient.safetensors");
    }

    /**
     * Deletes the folder and everything that the worker put into it. Truncates the file to zero first: its mapping lasts
     * until it is garbage-collected, and would hold the memory until then. A file that has another name too, or that the
     * name only links to, is the worker's own, and stays as it is.
     */
    @Override
    public void close() {
        try (folder) {
            if (Files.isRegularFile(file(), LinkOption.NOFOLLOW_LINKS)
                    && Integer.valueOf(1).equals(Files.getAttribute(file(), "unix:nlink", LinkOption.NOFOLLOW_LINKS))) {
                FileChannel.open(
                                file(),
                                StandardOpenOption.WRITE,
                                StandardOpenOption.TRUNCATE_EXISTING,
                                LinkOption.NOFOLLOW_LINKS)
                        .close();
            }
        } catch (IOException e) {
            throw new EvaluationException(
                    Reason.FAILED,
                    file() + " cannot be emptied: " + e.getMessage(),
                    Details.of().file(file()).cause(e));
        }
    }
}
