package dev.stockpot.checkpoint.torch.storage;

import dev.stockpot.checkpoint.torch.pickle.Value;
import java.io.IOException;

/** The storages of one file. */
public interface Storages {
    /**
     * Where {@code storage} is, which the tensor named {@code tensor} needs. The region has room for all of its elements.
     *
     * @throws dev.stockpot.error.CheckpointException if it is missing or too short
     */
    Region locate(Value.Storage storage, String tensor) throws IOException;

    /** Whether its elements are big-endian. */
    boolean bigEndian();
}
