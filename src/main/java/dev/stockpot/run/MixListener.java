package dev.stockpot.run;

/** Hears of a run as it goes. Calls may come from any thread, one at a time; they should return quickly. */
public interface MixListener {
    /** A run begins that will read {@code bytes} bytes of ingredients. */
    default void started(long bytes) {}

    /** {@code bytes} bytes of ingredients are mixed and written so far. */
    default void progress(long bytes) {}

    /** All tensors are written; they are being made durable. */
    default void finishing() {}

    /** Something that the user may want to know; nothing is wrong. */
    default void note(String message) {}

    /** A listener that does nothing. */
    static MixListener silent() {
        return new MixListener() {};
    }
}
