package dev.stockpot.spark;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Reason;
import dev.stockpot.spark.store.Stores;
import dev.stockpot.tensor.FileSource;
import dev.stockpot.tensor.FileVersion;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;

/**
 * A file in the version in which the driver found it.
 *
 * @param name of the file
 * @param key what a store tells versions apart by; empty for a file on a disk, whose key holds on one machine
 * @param bytes its length
 * @param modified when it was written
 */
record VersionedFile(String name, String key, long bytes, Instant modified) implements Serializable {
    static VersionedFile of(Path file, FileVersion version) {
        String key = isOnDisk(file) ? "" : version.key().toString();
        return new VersionedFile(
                file.toString(), key, version.size(), version.modified().toInstant());
    }

    private static boolean isOnDisk(Path file) {
        return file.getFileSystem() == FileSystems.getDefault();
    }

    /**
     * The file in this process. A pass checks the version itself; of a file on a disk, the part that all machines see alike is
     * compared here.
     *
     * @throws CheckpointException if another version is there
     */
    FileSource source(Stores stores) {
        Path file = stores.path(name);
        if (!isOnDisk(file)) {
            return new FileSource(file, Optional.of(new FileVersion(key, bytes, FileTime.from(modified))));
        }
        try {
            FileVersion now = FileVersion.of(file);
            if (now.size() != bytes || !now.modified().toInstant().equals(modified)) {
                throw new CheckpointException(Reason.CHANGED, file, "changed after the driver read its header");
            }
            return new FileSource(file, Optional.of(now));
        } catch (IOException e) {
            throw CheckpointException.unreadable(file, e);
        }
    }
}
