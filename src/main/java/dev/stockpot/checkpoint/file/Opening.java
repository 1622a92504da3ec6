package dev.stockpot.checkpoint.file;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A file that is open, and its version.
 *
 * @param file what it was opened as
 * @param version of what was opened
 */
public record Opening<C extends Closeable>(C file, FileVersion version) {
    /** Opens a path. */
    @FunctionalInterface
    public interface Way<C> {
        C open(Path path) throws IOException;
    }

    /**
     * Opens whatever regular file is at {@code path}.
     *
     * @throws IOException if it cannot be opened, is not a regular file, or was replaced meanwhile
     */
    static <C extends Closeable> Opening<C> of(Path path, Way<C> way) throws IOException {
        FileVersion before = FileVersion.of(path);
        C file = way.open(path);
        try {
            // Java does not look at an open file: what has one version before and after is what was opened.
            if (!before.equals(FileVersion.of(path))) {
                throw new IOException("it was replaced or written to while it was being opened");
            }
            return new Opening<>(file, before);
        } catch (IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * A source with a version: its own, or that of what is there now. A late file is filled first.
     *
     * @throws CheckpointException if the file cannot be filled
     * @throws IOException if there is none
     */
    public static FileSource versioned(FileSource source) throws IOException {
        if (source.version().isPresent()) {
            return source;
        }
        LateFiles.ready(source.path());
        return new FileSource(source.path(), Optional.of(FileVersion.of(source.path())));
    }

    /**
     * Opens the version of a file that its tensors were found in; a late one is filled first.
     *
     * @throws CheckpointException if another version is there now, or the file cannot be filled
     * @throws IOException if it cannot be opened
     */
    public static <C extends Closeable> Opening<C> of(FileSource source, Way<C> way) throws IOException {
        LateFiles.ready(source.path());
        Opening<C> opened = of(source.path(), way);
        if (!source.version().orElse(opened.version).equals(opened.version)) {
            opened.file.close();
            throw new CheckpointException(
                    Reason.CHANGED, source.path(), "was replaced or written to after its header was read");
        }
        return opened;
    }
}
