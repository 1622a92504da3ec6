package dev.stockpot.engine.pass;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where made bytes go. Called from several threads at once, never twice for the same bytes. */
public interface OutputSink {
    /** Takes all of {@code bytes} for {@code offset} of {@code output}. */
    void write(int output, long offset, ByteBuffer bytes) throws IOException;

    /** A buffer to make these bytes in, whole, so that nothing is written; null where they are written. */
    default ByteBuffer place(int output, long offset, int length) {
        return null;
    }

    /** For a pass that makes nothing. */
    static OutputSink none() {
        return (output, offset, bytes) -> {
            throw new IllegalStateException("a pass that should only reduce made output " + output);
        };
    }
}
