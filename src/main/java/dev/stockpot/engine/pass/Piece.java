package dev.stockpot.engine.pass;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import java.util.List;

/** What one thread of a pass takes at a time. */
sealed interface Piece permits Piece.Tile, Piece.Chunk {
    /** Bytes that it reads. */
    long sourceBytes();

    /** The place among the pass's tasks of the one that it is of, or follows: pieces of earlier tasks come first in outputs. */
    int task();

    /** Whether it follows a reduction, which has already read the same bytes. */
    boolean follows();

    /**
     * A range of output bytes to make; it may cover many small tensors.
     *
     * @param task the place of the first that it is of
     * @param output which output
     * @param offset of its first byte there
     * @param bytes its length
     * @param parts the stretches in it, in order and without gaps
     */
    record Tile(int task, int output, long offset, int bytes, List<Stretch> parts, boolean follows) implements Piece {
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
     * A chunk of a tensor to reduce: one thread takes all of it, so that its blocks are reduced in order.
     *
     * @param task the place of its reduction, or of the one that it follows
     * @param tensor the tensor that it is part of
     * @param number its place in the tensor, from 0
     * @param first its first element
     * @param elements how many it has; 0 for the one chunk of an empty tensor
     */
    record Chunk(int task, Reducing<?> tensor, long number, long first, long elements, boolean follows)
            implements Piece {
        SourceSpans sources() {
            return tensor.reduce().sources().slice(first, elements);
        }

        @Override
        public long sourceBytes() {
            return sources().bytes();
        }
    }
}
