package dev.stockpot.engine.pass;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Stretch;
import dev.stockpot.kernel.Operand;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Receives the bytes that a pass makes. Called from several threads at once, never twice for the same bytes. */
public interface OutputSink {
    /** Takes all of {@code bytes} for {@code offset} of {@code output}. */
    void write(int output, long offset, ByteBuffer bytes) throws IOException;

    /** A buffer to make all of these bytes in, so that nothing is written; null if they must be written. */
    default ByteBuffer place(int output, long offset, int length) {
        return null;
    }

    /**
     * Is told that some elements of a combination are infinite or not numbers, before they are written.
     *
     * @param part what was made
     * @param in what it was made from; valid until this returns
     * @param out the elements
     */
    default void notFinite(Stretch part, Elements in, Operand out) {}

    /** Is told that the pass ends early, so that no {@link #write} waits for another. What it has is of no use then. */
    default void stop() {}
}
