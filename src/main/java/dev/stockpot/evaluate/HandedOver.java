package dev.stockpot.evaluate;

import java.nio.file.Path;

/** A candidate as a file or directory, read-only. Closing it deletes what was written only for the hand-over. */
public interface HandedOver extends AutoCloseable {
    /** Where it is. */
    Path path();

    /**
     * Checks that it has not been written to.
     *
     * @throws dev.stockpot.error.EvaluationException if it has been written to
     */
    void checkUntouched();

    @Override
    void close();
}
