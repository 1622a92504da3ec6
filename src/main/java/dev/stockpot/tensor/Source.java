package dev.stockpot.tensor;

import java.nio.file.Path;
import java.util.Optional;

/** Where tensors' values are read from: a file, or memory of the program. {@code toString} names it in messages. */
public sealed interface Source permits FileSource, MemorySource {
    /**
     * The file, if it is one. A temporary file, of values that their checkpoint does not hold contiguous and little-endian,
     * is empty until {@link dev.stockpot.checkpoint.Checkpoint} or a run reads from it.
     */
    Optional<Path> file();
}
