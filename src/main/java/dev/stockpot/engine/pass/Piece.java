package dev.stockpot.engine.pass;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import java.util.List;

/** What one thread of a pass takes at a time. */
sealed interface Piece permits Piece.Tile, Piece.Chunk {
    /** Bytes that it reads. */
    long sourceBytes();

    /** Whether it is of what follows on a reduction, which has read the same bytes already. */
    boolean follows();

    /**
     * A range of output bytes to make; it may cover many small tensors.
     *
     * @param output which output
     * @param offset of its first byte there
     * @param bytes its length
     * @param parts what is in it, in order and without gaps
     */
    record Tile(int output, long offset, int bytes, List<Stretch> parts, boolean follows) implements Piece {
        @Override
        public long sourceBytes() {
            long bytes = 0;
            for (Stretch part : parts) {
                bytes += part.sources().bytes();
            }
            return bytes;
        }
    }

    /**
     * A chunk of a tensor to reduce: a thread takes it whole, so that its blocks are taken in order.
     *
     * @param tensor that it is of
     * @param number its place in the tensor, from 0
     * @param first its first element
     * @param elements how many it has; 0 for the one chunk of an empty tensor
     */
    record Chunk(Reducing<?> tensor, long number, long first, long elements, boolean follows) implements Piece {
        SourceSpans sources() {
            return tensor.reduce().sources().slice(first, elements);
        }

        @Override
        public long sourceBytes() {
            return sources().bytes();
        }
    }
}
