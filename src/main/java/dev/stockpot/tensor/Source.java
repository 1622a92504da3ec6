package dev.stockpot.tensor;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What tensors' values are read from: a file, on a disk or in a store, or memory of the program. {@code toString} is what it is
 * called.
 */
public sealed interface Source permits FileSource, MemorySource {
    /**
     * The file, if it is one. A temporary file, of values that their checkpoint does not hold contiguous and little-endian,
     * is empty until {@link dev.stockpot.checkpoint.Checkpoint} or a run reads from it.
     */
    Optional<Path> file();

    /**
     * The file, if the system itself can open it: to map it, or to read it past the page cache. Empty in memory, and on a file
     * system that only Java reaches, such as that of a store or an archive.
     */
    Optional<Path> local();
}
