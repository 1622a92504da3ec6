package dev.stockpot.evaluate;

/** An evaluator that also gives what a candidate makes of every example: the material of an ensemble. */
public interface OutputsEvaluator extends Evaluator {
    /**
     * The candidate's logits for every example of the held-out set.
     *
     * @throws dev.stockpot.error.EvaluationException where the evaluator fails; the message names the candidate
     * @throws InterruptedException where the thread was interrupted
     */
    Outputs outputs(Candidate candidate) throws InterruptedException;
}
