package dev.stockpot.engine;

import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import java.util.List;

/**
 * Numbers about all elements of a tensor, such as sums, counts or a histogram. They are formed for each chunk ({@link
 * dev.stockpot.kernel.Dot#CHUNK} elements) by one thread, and merged in the chunks' order, so their bits do not depend on
 * threads or tiles.
 *
 * @param <P> partial numbers; mutable or not
 */
public interface Reduction<P> {
    /** The numbers of no elements. */
    P zero();

    /** Adds a tile to {@code partial}, which is of the same chunk, and returns the result. */
    P add(P partial, Elements tile);

    /** Merges the numbers of a tensor's first chunks with those of the next chunk. */
    P merge(P total, P next);

    /** Bits of the widest element that it uses besides those of the sources; 0 for none. */
    default int widestBits() {
        return 0;
    }

    /** How many vectors of a tile's elements it needs as scratch memory. */
    default int scratchVectors() {
        return 0;
    }

    /** The most bytes that a vector of a tile should have, so that vectors read several times stay in a cache. */
    default long mostTileBytes() {
        return Long.MAX_VALUE;
    }

    /**
     * A tile in memory: some blocks ({@link dev.stockpot.kernel.Dot#BLOCK} elements) of a tensor.
     *
     * @param kernels to work with
     * @param sources the elements in each source
     * @param first the index of the first in the tensor, a multiple of a block
     * @param elements how many; whole blocks, except at the tensor's end
     * @param scratch vectors that nothing else uses meanwhile; their contents are undefined
     */
    record Elements(Kernels kernels, List<Operand> sources, long first, long elements, List<Operand> scratch) {}
}
