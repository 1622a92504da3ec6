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
    private static final int WIDEST_BYTES = 8;

    /** Nothing. */
    public static final Needs NOTHING = new Needs(0, 0, Long.MAX_VALUE);

    /** The same for elements that do not belong together. */
    public Needs(int vectors, int widestBits, long mostTileBytes) {
        this(vectors, widestBits, mostTileBytes, 1);
    }

    /** Bytes of buffers that each thread takes for so many elements, where files are mapped: tiles of an output and the vectors. */
    public long buffers(long elements) {
        long most = Math.min(Engine.DEFAULT_TILE_BYTES, mostTileBytes);
        long tile = Math.max(most, Math.multiplyExact(whole, WIDEST_BYTES));
        return (1L + vectors) * Math.min(tile, Math.multiplyExact(elements, WIDEST_BYTES));
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
