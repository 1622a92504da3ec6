package dev.stockpot.soup;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.MixListener;
import dev.stockpot.evaluate.Scores;

/** Hears of a search as it goes. Calls come one at a time, from any thread. */
public interface SearchListener extends MixListener {
    /**
     * An ingredient has been scored.
     *
     * @param kept whether the scores come from the journal of an earlier run
     */
    default void scored(Checkpoint ingredient, Scores scores, boolean kept) {}

    /** A trial of a greedy soup has ended. */
    default void tried(GreedyResult.Trial trial) {}

    /** A listener that does nothing. */
    static SearchListener silent() {
        return new SearchListener() {};
    }
}
