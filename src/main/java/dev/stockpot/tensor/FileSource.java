package dev.stockpot.tensor;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A file of values, in one version. It is read by positions, on whatever file system it is.
 *
 * @param path of the file, on the system's file system or on another of Java's
 * @param version the version that its tensors were found in, which every pass checks; empty if any will do
 */
public record FileSource(Path path, Optional<FileVersion> version) implements Source {
    public FileSource {
        Objects.requireNonNull(path, "path");
        Objects.requireNonNull(version, "version");
    }

    /** Any version of a file. */
    public FileSource(Path path) {
        this(path, Optional.empty());
    }

    /** A file in the version that is there now; any version if it is gone, as whoever reads it will see. */
    public static FileSource asItIs(Path path) {
        try {
            return new FileSource(path, Optional.of(FileVersion.of(path)));
        } catch (IOException e) {
            return new FileSource(path);
        }
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }

    @Override
    public Optional<Path> local() {
        return path.getFileSystem() == FileSystems.getDefault() ? file() : Optional.empty();
    }

    @Override
    public boolean equals(Object other) {
        // A path compares byte by byte even with itself.
        return other == this
                || other instanceof FileSource file
                        && (path == file.path || path.equals(file.path))
                        && version.equals(file.version);
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }

    @Override
    public String toString() {
        return path.toString();
    }
}
