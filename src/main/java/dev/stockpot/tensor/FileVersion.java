package dev.stockpot.tensor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Objects;

/**
 * One content of a file, as far as its file system tells them apart: another file of the same name, or the same file written
 * to again, is another version unless its time was set back.
 *
 * @param key device and inode
 * @param size in bytes
 * @param modified the time of the last write
 */
public record FileVersion(Object key, long size, FileTime modified) {
    public FileVersion {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(modified, "modified");
    }

    // Those of a record would link method handles, which costs a short command a tenth of its time.
    @Override
    public boolean equals(Object other) {
        return other instanceof FileVersion version
                && size == version.size
                && key.equals(version.key)
                && modified.equals(version.modified);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + Long.hashCode(size);
    }

    /**
     * The version that is there now.
     *
     * @throws IOException if there is no such file, or it is not a regular file: opening a pipe might never return
     */
    public static FileVersion of(Path file) throws IOException {
        BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
        if (!now.isRegularFile()) {
            throw new IOException("it is not a regular file");
        }
        Object key = now.fileKey();
        return new FileVersion(key == null ? file : key, now.size(), now.lastModifiedTime());
    }
}
