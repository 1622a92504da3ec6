package dev.stockpot.bench;

import java.io.IOException;

/**
 * Something to be timed.
 *
 * @param name of it, one of a kind among those that are measured together
 * @param bytes that it moves each time
 * @param prepare what has to be done before each time, not timed
 * @param run what is timed
 */
record Probe(String name, long bytes, Action prepare, Action run) {
    /** One step of a measurement. */
    @FunctionalInterface
    interface Action {
        void run() throws IOException, InterruptedException;
    }

    /** With nothing to prepare. */
    static Probe of(String name, long bytes, Action run) {
        return new Probe(name, bytes, () -> {}, run);
    }
}
