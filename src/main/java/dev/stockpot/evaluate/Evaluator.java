package dev.stockpot.evaluate;

import java.util.List;

/**
 * Turns a candidate into scores on the held-out set. A recipe calls it from up to {@code jobs} threads at once.
 */
public interface Evaluator extends AutoCloseable {
    /**
     * What its scores depend on besides the candidate: the command, the model, the data, by content if it is known.
     * Scores kept from an evaluator with another identity are not used.
     */
    String identity();

    /**
     * The names of the metrics that it may return, the main one first; empty if they are not known before the first
     * candidate is scored.
     */
    default List<String> metrics() {
        return List.of();
    }

    /**
     * Scores a candidate.
     *
     * @throws dev.stockpot.error.EvaluationException if there is no score; the message names the candidate
     * @throws InterruptedException if the thread is interrupted; nothing is left running
     */
    Scores evaluate(Candidate candidate) throws InterruptedException;

    /** Ends the processes and frees the memory that it holds. */
    @Override
    void close();
}
