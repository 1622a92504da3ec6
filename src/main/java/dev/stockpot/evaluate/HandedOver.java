package dev.stockpot.evaluate;

import java.nio.file.Path;

/** A candidate as a file or directory, for reading alone; away once closed, where it was made for the purpose. */
public interface HandedOver extends AutoCloseable {
    /** Where it lies. */
    Path path();

    /**
     * That nobody wrote to it.
     *
     * @throws dev.stockpot.error.EvaluationException where somebody did
     */
    void checkUntouched();

    @Override
    void close();
}
