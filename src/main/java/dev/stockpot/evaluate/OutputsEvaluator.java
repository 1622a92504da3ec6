package dev.stockpot.evaluate;

/** An evaluator that also returns a candidate's logits for every example; ensembles are formed from them. */
public interface OutputsEvaluator extends Evaluator {
    /**
     * The candidate's logits for every example of the held-out set.
     *
     * @throws dev.stockpot.error.EvaluationException if the evaluator fails; the message names the candidate
     * @throws InterruptedException if the thread is interrupted
     */
    Outputs outputs(Candidate candidate) throws InterruptedException;
}
