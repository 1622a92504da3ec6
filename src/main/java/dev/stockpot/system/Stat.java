package dev.stockpot.system;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/** What is at a path. To Java's own questions, what cannot be looked at is not there: it would be left out, or overwritten. */
public final class Stat {
    private Stat() {}

    /**
     * Looks at a path.
     *
     * @return empty if nothing is there
     * @throws IOException if that cannot be told
     */
    public static Optional<BasicFileAttributes> of(Path path, LinkOption... options) throws IOException {
        try {
            return Optional.of(Files.readAttributes(path, BasicFileAttributes.class, options));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (FileSystemException e) {
            // Java has no exception of its own for a path through something that is no folder.
            Path parent = path.toAbsolutePath().getParent();
            if (parent != null
                    && !of(parent).map(BasicFileAttributes::isDirectory).orElse(false)) {
                return Optional.empty();
            }
            throw e;
        }
    }
}
