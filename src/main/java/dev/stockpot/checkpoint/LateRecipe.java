package dev.stockpot.checkpoint;

/**
 * A recipe of which a part is only known once the values are written, such as the hashes of files that are read for them. For
 * one output.
 */
public interface LateRecipe extends AutoCloseable {
    /** A text as long in UTF-8 as the recipe's will be: room is kept for it. */
    String draft();

    /** Called when values begin to be read and written. */
    void start();

    /**
     * The recipe's text, once all of it is known.
     *
     * @throws dev.stockpot.error.StockpotException if it cannot be known; the output is not made then
     * @throws InterruptedException if the thread is interrupted
     */
    String text() throws InterruptedException;

    /** Ends what was started, in any case. */
    @Override
    void close();
}
