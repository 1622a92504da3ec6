package dev.stockpot.evaluate;

/**
 * Turns a candidate into scores on the held-out set. Called by as many threads at once as a recipe has jobs.
 */
public interface Evaluator extends AutoCloseable {
    /**
     * What its scores depend on besides the candidate: the command, the model, the data, by content where that is known.
     * Scores kept from an evaluator of another identity are not used.
     */
    String identity();

    /**
     * Scores a candidate.
     *
     * @throws dev.stockpot.error.EvaluationException where there is no score; the message names the candidate
     * @throws InterruptedException where the thread was interrupted; nothing is left running
     */
    Scores evaluate(Candidate candidate) throws InterruptedException;

    /** Ends what it started. */
    @Override
    void close();
}
