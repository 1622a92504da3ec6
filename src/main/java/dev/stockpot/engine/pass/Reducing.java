package dev.stockpot.engine.pass;

import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Reduction;
import dev.stockpot.engine.Task;
import dev.stockpot.kernel.Dot;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A tensor that is being reduced: merges the numbers of its chunks in order, whatever order they arrive in. Few wait at a
 * time, as chunks are handed out in order too.
 */
final class Reducing<P> {
    private final Reduce<P> reduce;
    private final Map<Long, P> waiting = new HashMap<>();
    private P total;
    private long merged;

    Reducing(Reduce<P> reduce) {
        this.reduce = reduce;
        this.total = reduce.reduction().zero();
    }

    Reduce<P> reduce() {
        return reduce;
    }

    /** How many chunks there are: at least one, even if the tensor is empty. */
    long chunks() {
        long elements = reduce.sources().elements();
        long each = chunkElements();
        return Math.max(1, elements / each + (elements % each == 0 ? 0 : 1));
    }

    /** How many elements a chunk has, except the last of a tensor. */
    long chunkElements() {
        long grain = reduce.reduction().grain();
        return grain > Dot.CHUNK ? grain : Dot.CHUNK / grain * grain;
    }

    /** The tiles of one chunk, in order. */
    interface Tiles {
        /** The next tile; null after the last, or if the pass must stop. */
        Elements next();
    }

    /** Reduces a chunk and merges its numbers; returns whether it was the last missing one. */
    boolean take(long number, Tiles tiles) {
        Reduction<P> reduction = reduce.reduction();
        P partial = reduction.zero();
        for (Elements tile = tiles.next(); tile != null; tile = tiles.next()) {
            partial = reduction.add(partial, tile);
        }
        return merge(number, partial);
    }

    private synchronized boolean merge(long number, P partial) {
        waiting.put(number, partial);
        for (P next = waiting.remove(merged); next != null; next = waiting.remove(merged)) {
            total = reduce.reduction().merge(total, next);
            merged++;
        }
        return merged == chunks();
    }

    /** What follows from the numbers, once all chunks are merged. */
    synchronized Optional<Task> decide() {
        return reduce.decision().next(total);
    }
}
