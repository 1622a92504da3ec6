package dev.stockpot.evaluate.worker;

import dev.stockpot.error.Details;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.system.ScratchFolder;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** A private folder for one gradient: in memory where there is room, in the temporary folder otherwise. */
final class GradientFolder implements AutoCloseable {
    /** What a file takes beside its values, generously. */
    private static final long BESIDE = 64L << 20;

    private final ScratchFolder folder;

    private GradientFolder(ScratchFolder folder) {
        this.folder = folder;
    }

    /**
     * Makes one, readable by this user alone.
     *
     * @param bytes of the values that are to go in
     * @throws dev.stockpot.error.CheckpointException where neither place can be written or has room
     */
    static GradientFolder create(long bytes) {
        return new GradientFolder(ScratchFolder.open(Optional.empty(), Math.addExact(bytes, BESIDE)));
    }

    /** Where the worker writes; not there yet. */
    Path file() {
        return folder.resolve("gradient.safetensors");
    }

    /**
     * Deletes the folder with all that the worker put into it. The file is cut to nothing before: its mapping lasts until
     * the garbage collector finds it, and would keep the memory till then.
     */
    @Override
    public void close() {
        try (folder) {
            if (Files.isRegularFile(file())) {
                FileChannel.open(file(), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
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
