package dev.stockpot.kernel;

import java.nio.ByteBuffer;

/** A file of elements that kernels may read on their own, to keep it near them for the next run. */
public interface SourceFile {
    /** Distinguishes this content of this file from any other, as long as it is not written to; compared with equals. */
    Object version();

    /** Its length in bytes. */
    long size();

    /** Where its values begin, from its start: kernels may keep them at multiples of what they load at a time. */
    default long valuesFrom() {
        return 0;
    }

    /**
     * Fills the rest of {@code into} from {@code offset} of the file.
     *
     * @throws dev.stockpot.error.CheckpointException if the file ends too early, or the disk fails
     */
    void read(long offset, ByteBuffer into);
}
