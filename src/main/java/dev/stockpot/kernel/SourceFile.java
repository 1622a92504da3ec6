package dev.stockpot.kernel;

import java.nio.ByteBuffer;

/** A file of elements that kernels may read by themselves, so as to keep it near them for the next run. */
public interface SourceFile {
    /** What tells this content of this file from any other, for as long as nobody writes to it; compared by equals. */
    Object version();

    /** Its length in bytes. */
    long size();

    /**
     * Fills what remains of {@code into} from {@code offset}.
     *
     * @throws dev.stockpot.error.CheckpointException where the file ends before, or the disk fails
     */
    void read(long offset, ByteBuffer into);
}
