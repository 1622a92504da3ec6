package dev.stockpot.engine;

/**
 * Numbers about all elements of a tensor, such as sums, counts or a histogram. They are formed for each chunk by one thread,
 * and merged in the chunks' order, so their bits do not depend on threads or tiles.
 *
 * @param <P> partial numbers; mutable or not
 */
public interface Reduction<P> {
    /** The numbers of no elements. */
    P zero();

    /**
     * Adds a tile to {@code partial}, which is of the same chunk, and returns the result. Tiles are whole blocks ({@link
     * dev.stockpot.kernel.Dot#BLOCK} elements, counted from the chunk's start), or what {@link Needs#whole} asks for, except at
     * the chunk's end.
     */
    P add(P partial, Elements tile);

    /** Merges the numbers of a tensor's first chunks with those of the next chunk. */
    P merge(P total, P next);

    /**
     * How many elements belong together, such as a row's: chunks begin at multiples of it. A chunk has {@link
     * dev.stockpot.kernel.Dot#CHUNK} elements or as many whole grains as fit into those, and at least one grain.
     */
    default long grain() {
        return 1;
    }

    /**
     * Whether a chunk's elements are needed; if not, it is left as {@link #zero}, and not read.
     *
     * @param first the index of its first element
     * @param count how many it has
     */
    default boolean reads(long first, long count) {
        return true;
    }

    /** What adding a tile needs. */
    default Needs needs() {
        return Needs.NOTHING;
    }
}
