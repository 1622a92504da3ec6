package dev.stockpot.evaluate.torchscript;

import dev.stockpot.error.EvaluationException;
import dev.stockpot.error.Reason;
import dev.stockpot.evaluate.Scores;
import java.nio.DoubleBuffer;
import java.util.LinkedHashMap;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;

/**
 * Adds up scores example by example, in F64, so that batches make no difference. An example is right if no class has a
 * larger logit than its label's, or an equal one and a smaller index, as with {@code argmax}.
 */
final class Tally {
    private static final int TOP = 5;

    private final String candidate;
    private final CrossEntropy crossEntropy;
    private long count;
    private long right;
    private long inTop;
    private int classes;
    private double loss;

    /** {@code beta} multiplies the logits for the loss; the candidate's name is for messages. */
    Tally(String candidate, double beta) {
        this.candidate = candidate;
        this.crossEntropy = new CrossEntropy(beta);
    }

    /**
     * Adds the module's scores on a batch.
     *
     * @throws EvaluationException if the module fails, or a logit is NaN or infinite; minus infinity, which rules a
     *     class out, is not an error
     */
    @SuppressWarnings("try")
    void add(LoadedModule module, Examples examples) {
        try (PointerScope scope = new PointerScope();
                NoGradGuard noGrad = new NoGradGuard();
                Logits logits = Logits.of(module.logits(examples.inputs(), candidate), examples)) {
            add(logits, examples.indices());
        }
    }

    private void add(Logits logits, int[] indices) {
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
                        "the module returns a logit of " + other + " for class " + j + " of example " + example
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
    Scores scores() {
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
