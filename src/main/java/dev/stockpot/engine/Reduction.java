package dev.stockpot.engine;

import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import java.util.List;

/**
 * Numbers about all elements of a tensor, such as sums, counts or a histogram. They are formed of its chunks ({@link
 * dev.stockpot.kernel.Dot#CHUNK} elements), each by one thread, and merged in the chunks' order: so their bits do not depend
 * on threads or tiles.
 *
 * @param <P> partial numbers; mutable or not
 */
public interface Reduction<P> {
    /** The numbers of no elements. */
    P zero();

    /** Takes a tile into {@code partial}, which is of the same chunk, and gives what it became. */
    P add(P partial, Elements tile);

    /** The numbers of a tensor so far, and those of its next chunk. */
    P merge(P total, P next);

    /** Bits of the widest element that it works with besides the sources'; 0 for none. */
    default int widestBits() {
        return 0;
    }

    /** How many vectors of a tile's elements it needs as scratch memory. */
    default int scratchVectors() {
        return 0;
    }

    /** The most bytes that a vector of a tile should have, so that what is read several times stays in a cache. */
    default long mostTileBytes() {
        return Long.MAX_VALUE;
    }

    /**
     * A tile in memory: some blocks ({@link dev.stockpot.kernel.Dot#BLOCK} elements) of a tensor.
     *
     * @param kernels to work with
     * @param sources the elements in each source
     * @param first the index of the first in the tensor, a multiple of a block
     * @param elements how many, whole blocks but at the tensor's end
     * @param scratch vectors that nobody else uses meanwhile; what they hold is undefined
     */
    record Elements(Kernels kernels, List<Operand> sources, long first, long elements, List<Operand> scratch) {}
}
