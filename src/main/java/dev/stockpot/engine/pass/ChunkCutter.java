package dev.stockpot.engine.pass;

import dev.stockpot.kernel.Dot;

/** Cuts tensors into the chunks that their dot products are summed in, one after the other. Not thread-safe. */
final class ChunkCutter {
    private final long[] elements;
    private int tensor;
    private long chunk;

    /** Of tensors of so many elements. */
    ChunkCutter(long... elements) {
        this.elements = elements;
    }

    /** How many chunks a tensor has: at least one, empty or not. */
    static long chunks(long elements) {
        return Math.max(1, (elements + Dot.CHUNK - 1) / Dot.CHUNK);
    }

    /** The next chunk in order, or null behind the last. */
    Step.Multiply next() {
        if (tensor == elements.length) {
            return null;
        }
        long current = elements[tensor];
        long first = chunk * Dot.CHUNK;
        Step.Multiply next = new Step.Multiply(tensor, chunk, first, Math.min(Dot.CHUNK, current - first));
        chunk++;
        if (chunk == chunks(current)) {
            tensor++;
            chunk = 0;
        }
        return next;
    }
}
