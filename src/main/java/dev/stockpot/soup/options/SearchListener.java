package dev.stockpot.soup.options;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.evaluate.Scores;
import java.nio.file.Path;

/** Receives the events of a search. Calls come one at a time, from any thread. */
public interface SearchListener {
    /**
     * An ingredient has been scored.
     *
     * @param kept whether the scores come from the journal of an earlier run
     */
    default void scored(Checkpoint ingredient, Scores scores, boolean kept) {}

    /**
     * The metric that decides is known, with its direction.
     *
     * @param assumed whether the direction is told from the metric's name
     */
    default void decides(Objective objective, boolean assumed) {}

    /** A trial of a greedy soup has ended. */
    default void tried(Trial trial) {}

    /** A step of a learned soup has been taken; {@code step} counts from 1 within the epoch. */
    default void stepped(int epoch, int step, int steps, double loss) {}

    /**
     * An epoch of a learned soup has ended or, as number 0, the starting soup has been scored.
     *
     * @param kept whether it comes from the journal of an earlier run
     */
    default void learned(Epoch epoch, boolean kept) {}

    /** A candidate of a search by score has been scored. */
    default void searched(int evaluation, int evaluations, Scores scores, boolean kept) {}

    /**
     * What the search has found so far is on the disk, whatever ends it.
     *
     * @param journal the file
     * @param count how many scores of this search or, for a descent, how many epochs it holds
     */
    default void saved(Path journal, int count) {}

    /** A listener that does nothing. */
    static SearchListener silent() {
        return new SearchListener() {};
    }
}
