package dev.stockpot.tensor;

import java.nio.file.Path;
import java.util.Optional;

/** Where tensors' values are read from: a file, or memory of the program. {@code toString} names it in messages. */
public sealed interface Source permits FileSource, MemorySource {
    /** The file, if it is one. */
    Optional<Path> file();
}
