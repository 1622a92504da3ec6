package dev.stockpot.engine.pass;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where mixed bytes go. Called from several threads at once, never twice for the same bytes. */
@FunctionalInterface
public interface OutputSink {
    /** Takes all of {@code bytes} for {@code offset} of {@code output}. */
    void write(int output, long offset, ByteBuffer bytes) throws IOException;

    /** A direct buffer to mix these bytes into at once, whole, so that nothing is written; null where they are written. */
    default ByteBuffer place(int output, long offset, int length) {
        return null;
    }
}
