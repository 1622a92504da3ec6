package dev.stockpot.engine.pass;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/**
 * Hands out the steps of a run: chunks to multiply in order, but first the tiles of a tensor that was just multiplied, while
 * its sources are in the cache.
 */
final class StepQueue {
    private final Deque<TileCutter> toMix = new ArrayDeque<>();
    private final ChunkCutter toMultiply;
    private final ChunkCutter upcoming;
    private int unfinished;
    private boolean closed;

    /** {@code lead} is how many chunks ahead of the last one handed out {@link #upcoming} is. */
    StepQueue(List<TensorGradient> tensors, int lead) {
        long[] elements = tensors.stream().mapToLong(TensorGradient::elements).toArray();
        toMultiply = new ChunkCutter(elements);
        upcoming = new ChunkCutter(elements);
        for (int n = 0; n < lead; n++) {
            upcoming.next();
        }
        unfinished = tensors.size();
    }

    /** The next step; waits while there is none but a tensor that others are at work on may bring some; null at the end. */
    synchronized Step next() {
        while (!closed) {
            while (!toMix.isEmpty()) {
                Tile tile = toMix.peek().next();
                if (tile != null) {
                    return new Step.Mix(tile);
                }
                toMix.remove();
            }
            Step.Multiply chunk = toMultiply.next();
            if (chunk != null || unfinished == 0) {
                return chunk;
            }
            await();
        }
        return null;
    }

    /** A chunk that will be handed out soon, each one once; null where there is none. */
    synchronized Step.Multiply upcoming() {
        return upcoming.next();
    }

    /** A tensor is multiplied: here is what it is mixed into next, null for nothing. */
    synchronized void multiplied(TileCutter tiles) {
        unfinished--;
        if (tiles != null) {
            toMix.add(tiles);
        }
        notifyAll();
    }

    /** Nothing is handed out any more; nobody waits. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    private void await() {
        try {
            wait();
        } catch (InterruptedException e) {
            // Nobody interrupts a worker: the caller's interruption stops the run by closing this.
            throw new IllegalStateException(e);
        }
    }
}
