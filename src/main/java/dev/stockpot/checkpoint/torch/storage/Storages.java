package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.checkpoint.torch.pickle.Value;
import java.io.IOException;

/** The storages of one file. */
public interface Storages {
    /**
     * Where {@code storage} lies, which the tensor named {@code tensor} needs. Its bytes are at least as many as it has elements for.
     *
     * @throws dev.stockpot.error.CheckpointException where it is missing or too short
     */
    Region locate(Value.Storage storage, String tensor) throws IOException;

    /** Whether its elements are big-endian. */
    boolean bigEndian();
}
