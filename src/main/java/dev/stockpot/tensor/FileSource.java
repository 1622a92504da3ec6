package dev.stockpot.tensor;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A file of values.
 *
 * @param path of the file
 */
public record FileSource(Path path) implements Source {
    public FileSource {
        Objects.requireNonNull(path, "path");
    }

    @Override
    public Optional<Path> file() {
        return Optional.of(path);
    }

    @Override
    public boolean equals(Object other) {
        // A path compares byte by byte even with itself.
        return other == this || other instanceof FileSource file && (path == file.path || path.equals(file.path));
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
