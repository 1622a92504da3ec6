package dev.stockpot.bench;

import java.io.IOException;

/**
 * An action to time.
 *
 * @param name of the probe, unique among those that are measured together
 * @param bytes that it moves each time
 * @param prepare what is done before each time, not timed
 * @param run what is timed
 */
record Probe(String name, long bytes, Action prepare, Action run) {
    /** One action of a measurement. */
    @FunctionalInterface
    interface Action {
        void run() throws IOException, InterruptedException;
    }

    /** A probe with nothing to prepare. */
    static Probe of(String name, long bytes, Action run) {
        return new Probe(name, bytes, () -> {}, run);
    }
}
