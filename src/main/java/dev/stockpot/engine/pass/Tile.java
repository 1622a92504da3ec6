package dev.stockpot.engine.pass;

import dev.stockpot.engine.Stretch;
import java.util.List;

/**
 * A run of output bytes that one thread mixes at a time; it may cover many small tensors.
 *
 * @param output which output
 * @param offset of its first byte there
 * @param bytes its length
 * @param pieces what lies in it, in order and without gaps
 */
record Tile(int output, long offset, int bytes, List<Stretch> pieces) {
    /** Bytes that mixing it reads. */
    long sourceBytes() {
        long bytes = 0;
        for (Stretch piece : pieces) {
            bytes += piece.sources().bytes();
        }
        return bytes;
    }
}
