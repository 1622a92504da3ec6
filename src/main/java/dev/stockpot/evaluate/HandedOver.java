package dev.stockpot.evaluate;

import java.nio.file.Path;

/** A candidate as a file or directory, read-only. Closing it deletes what was written only for the hand-over. */
public interface HandedOver extends AutoCloseable {
    /** Where it is; an ingredient is a symbolic link to its file, or a folder of links to what is in its folder. */
    Path path();

    /**
     * Checks that it has not been written to.
     *
     * @throws dev.stockpot.error.EvaluationException if it has been written to
     */
    void checkUntouched();

    /**
     * What to throw after an evaluation that failed: if the candidate has been written to, that matters more.
     *
     * @return {@code failure}, or an error that suppresses it
     */
    default RuntimeException untouched(RuntimeException failure) {
        try {
            checkUntouched();
        } catch (RuntimeException touched) {
            touched.addSuppressed(failure);
            return touched;
        }
        return failure;
    }

    @Override
    void close();
}
