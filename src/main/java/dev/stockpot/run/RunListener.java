package dev.stockpot.run;

/** Follows a run. Calls may come from any thread, one at a time; they should return quickly. */
public interface RunListener {
    /** Work begins, by {@code threads} threads on these kernels: those of an instruction set, or of {@code cuda}. */
    default void computing(String kernels, int threads) {}

    /** A pass begins that will read {@code bytes} bytes of ingredients. */
    default void started(long bytes) {}

    /** {@code bytes} bytes of ingredients are done so far. */
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
