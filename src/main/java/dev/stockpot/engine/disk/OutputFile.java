package dev.stockpot.engine.disk;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A new file that is being filled, by several threads at once. */
public interface OutputFile extends Closeable {
    /** Writes all of {@code bytes} at {@code offset}. */
    void write(long offset, ByteBuffer bytes) throws IOException;

    /** A direct buffer over bytes of the file itself, each to be filled once; null if they must be written instead. */
    ByteBuffer place(long offset, int length);

    /** Makes every byte durable. */
    void force() throws IOException;

    /** Closes it; a second call does nothing. The file stays. */
    @Override
    void close() throws IOException;
}
