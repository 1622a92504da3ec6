package dev.stockpot.engine;

/**
 * What work needs in each thread besides its sources and its output, so that a pass can plan for it.
 *
 * @param vectors scratch vectors of a tile's elements: {@link Elements#scratch}
 * @param widestBits bits of the widest element that it uses besides those of sources and output, such as 64 for F64 in
 *     scratch vectors; 0 for none
 * @param mostTileBytes the most bytes that a vector of a tile should have, so that vectors read several times stay in a cache
 * @param whole elements that belong together, such as a row's, counted from the tensor's first: each tile has whole ones
 */
public record Needs(int vectors, int widestBits, long mostTileBytes, long whole) {
    /** Nothing. */
    public static final Needs NOTHING = new Needs(0, 0, Long.MAX_VALUE);

    /** The same for elements that do not belong together. */
    public Needs(int vectors, int widestBits, long mostTileBytes) {
        this(vectors, widestBits, mostTileBytes, 1);
    }

    /** Enough for either of two, which do not run at the same time; of two lengths of rows, room for the longer. */
    public Needs or(Needs other) {
        return new Needs(
                Math.max(vectors, other.vectors),
                Math.max(widestBits, other.widestBits),
                Math.min(mostTileBytes, other.mostTileBytes),
                Math.max(whole, other.whole));
    }
}
