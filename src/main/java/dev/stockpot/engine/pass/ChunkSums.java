package dev.stockpot.engine.pass;

import java.util.HashMap;
import java.util.Map;

/**
 * A tensor's dot products: the sums of its chunks, added in their order, in whatever order they come in. Few wait at a
 * time, as chunks are handed out in order too.
 */
final class ChunkSums {
    private final Map<Long, double[]> waiting = new HashMap<>();
    private final double[] totals;
    private final long chunks;
    private long next;

    ChunkSums(int sources, long chunks) {
        this.totals = new double[sources];
        this.chunks = chunks;
    }

    /** Takes a chunk's sums; whether all chunks are there now. */
    synchronized boolean add(long chunk, double[] sums) {
        waiting.put(chunk, sums);
        for (double[] s = waiting.remove(next); s != null; s = waiting.remove(next)) {
            for (int k = 0; k < totals.length; k++) {
                totals[k] += s[k];
            }
            next++;
        }
        return next == chunks;
    }

    /** One a source; NaN always the same one. */
    synchronized double[] totals() {
        double[] result = totals.clone();
        for (int k = 0; k < result.length; k++) {
            result[k] = Double.isNaN(result[k]) ? Double.NaN : result[k];
        }
        return result;
    }
}
