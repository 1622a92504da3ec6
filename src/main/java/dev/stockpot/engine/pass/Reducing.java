package dev.stockpot.engine.pass;

import dev.stockpot.engine.Reduce;
import dev.stockpot.engine.Reduction;
import dev.stockpot.engine.Task;
import dev.stockpot.kernel.Dot;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A tensor that is being reduced: the numbers of its chunks, merged in their order, in whatever order they come. Few wait at a
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

    /** How many chunks there are: at least one, though the tensor be empty. */
    long chunks() {
        return Math.max(1, (reduce.sources().elements() + Dot.CHUNK - 1) / Dot.CHUNK);
    }

    /** A tile of one chunk after the other; gives the chunk's numbers. */
    interface Tiles {
        /** The next tile, or null after the last, or where the pass is to stop. */
        Reduction.Elements next();
    }

    /** Reduces a chunk, and takes its numbers; says whether it was the last one that was missing. */
    boolean take(long number, Tiles tiles) {
        Reduction<P> reduction = reduce.reduction();
        P partial = reduction.zero();
        for (Reduction.Elements tile = tiles.next(); tile != null; tile = tiles.next()) {
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

    /** What follows on the numbers, once all chunks are merged. */
    synchronized Optional<Task> decide() {
        return reduce.decision().next(total);
    }
}
