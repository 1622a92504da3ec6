package dev.stockpot.evaluate.heldout;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Scores;
import java.nio.DoubleBuffer;
import java.util.LinkedHashMap;

/**
 * Adds up scores example by example, in F64, so that batches make no difference. An example is right if no class has a
 * larger logit than its label's, or an equal one and a smaller index, as with {@code argmax}.
 */
public final class Tally {
    private static final int TOP = 5;

    private final String noun;
    private final String candidate;
    private final CrossEntropy crossEntropy;
    private long count;
    private long right;
    private long inTop;
    private int classes;
    private double loss;

    /**
     * Nothing yet.
     *
     * @param noun what messages call the network
     * @param candidate the candidate's name, for messages
     * @param beta what the logits are multiplied by for the loss
     */
    public Tally(String noun, String candidate, double beta) {
        this.noun = noun;
        this.candidate = candidate;
        this.crossEntropy = new CrossEntropy(beta);
    }

    /**
     * Adds the scores of a batch.
     *
     * @param indices of its examples, for messages
     * @throws EvaluationException if a logit is NaN or infinite; minus infinity, which rules a class out, is not an error
     */
    public void add(LogitRows logits, int[] indices) {
        classes = logits.classes();
        for (int row = 0; row < logits.rows(); row++) {
            DoubleBuffer values = logits.row(row);
            int label = logits.label(row);
            int rank = rank(values, label, indices[row]);
            right += rank < 1 ? 1 : 0;
            inTop += rank < TOP ? 1 : 0;
            crossEntropy.of(values, label);
            loss += crossEntropy.loss();
            count++;
        }
    }

    private int rank(DoubleBuffer logits, int label, int example) {
        double its = logits.get(label);
        int before = 0;
        for (int j = 0; j < logits.limit(); j++) {
            double other = logits.get(j);
            if (Double.isNaN(other) || other == Double.POSITIVE_INFINITY) {
                throw new EvaluationException(
                        Reason.NOT_FINITE,
                        "the " + noun + " returns a logit of " + other + " for class " + j + " of example " + example
                                + " with " + candidate);
            }
            before += other > its || (other == its && j < label) ? 1 : 0;
        }
        return before;
    }

    /**
     * {@code accuracy} first, then {@code loss}, the mean, and with more than five classes {@code top5_accuracy}.
     *
     * @throws EvaluationException if the loss is infinite
     */
    public Scores scores() {
        double mean = loss / count;
        if (!Double.isFinite(mean)) {
            throw new EvaluationException(Reason.NOT_FINITE, "the loss is " + mean + " with " + candidate);
        }
        LinkedHashMap<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", (double) right / count);
        metrics.put("loss", mean);
        if (classes > TOP) {
            metrics.put("top5_accuracy", (double) inTop / count);
        }
        return Scores.inOrder(metrics);
    }
}
