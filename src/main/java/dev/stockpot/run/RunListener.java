package dev.stockpot.run;

/** Receives the events of a run. Calls come from any thread, one at a time; they should return quickly. */
public interface RunListener {
    /** Work begins, with {@code threads} threads on these kernels: the name of an instruction set, or {@code cuda}. */
    default void computing(String kernels, int threads) {}

    /** A pass begins that will read {@code bytes} bytes of ingredients. */
    default void started(long bytes) {}

    /** {@code bytes} bytes of ingredients have been processed since the pass began. */
    default void progress(long bytes) {}

    /** All tensors are written; they are being made durable. */
    default void finishing() {}

    /** Something that the user may want to know; nothing is wrong. */
    default void note(String message) {}

    /** Something that may be wrong, though the run goes on. */
    default void warning(String message) {}

    /** A listener that does nothing. */
    static RunListener silent() {
        return new RunListener() {};
    }
}
