package dev.stockpot.formula;

/**
 * Elements in a window of ranks by magnitude. Ranks go from the largest |x| as an F32 pattern down, and from the lowest index
 * up among equal ones.
 *
 * @param above pattern of the last element before the window; {@code NONE} for a window from the start
 * @param aboveIndex its index
 * @param last pattern of the last element of the window
 * @param lastIndex its index
 */
public record RankWindow(int above, long aboveIndex, int last, long lastIndex) {
    /** A pattern above those of all numbers, infinity and NaN included. */
    public static final int NONE = Integer.MAX_VALUE;

    /** Whether the element of that pattern and index is in the window. */
    public boolean holds(int pattern, long index) {
        boolean past = pattern < above || pattern == above && index > aboveIndex;
        return past && (pattern > last || pattern == last && index <= lastIndex);
    }
}
