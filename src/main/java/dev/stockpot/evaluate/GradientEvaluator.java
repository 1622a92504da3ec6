package dev.stockpot.evaluate;

import dev.stockpot.tensor.TensorMemory;
import dev.stockpot.tensor.TensorSpec;
import java.util.Map;

/**
 * An evaluator that also differentiates its loss, for learned soups. The loss is the mean cross-entropy of {@code beta}
 * times the logits (Wortsman et al. 2022, appendix I).
 */
public interface GradientEvaluator extends Evaluator {
    /**
     * How many examples the held-out set has.
     *
     * @throws dev.stockpot.error.EvaluationException if this evaluator cannot differentiate
     */
    int examples();

    /**
     * The loss on a batch and its gradient with respect to the candidate's float tensors.
     *
     * @throws dev.stockpot.error.EvaluationException if there is none; the message names the candidate
     */
    Gradient gradient(Candidate candidate, Batch batch) throws InterruptedException;

    /** Scores on the batch's examples only; {@code loss}, of {@code beta} times the logits, is one of the metrics. */
    Scores evaluate(Candidate candidate, Batch batch) throws InterruptedException;

    /** Held-out examples and the temperature that multiplies their logits. Immutable. */
    final class Batch {
        private final int[] examples;
        private final double beta;

        /**
         * A batch of examples.
         *
         * @param examples indices from 0, at least one
         * @param beta finite
         */
        public Batch(int[] examples, double beta) {
            this.examples = examples.clone();
            this.beta = beta;
        }

        /** Indices from 0. */
        public int[] examples() {
            return examples.clone();
        }

        /** The temperature. */
        public double beta() {
            return beta;
        }
    }

    /** A loss and its derivatives; their memory is valid until this is closed. */
    interface Gradient extends AutoCloseable {
        /** Mean over the batch; NaN or infinite if the evaluator computes it so. */
        double loss();

        /** Derivative of the loss with respect to {@code beta}. */
        double byBeta();

        /** Derivatives by tensor name, F32 or F64, in the tensors' shapes; only of tensors that the loss depends on. */
        Map<String, Part> byTensor();

        @Override
        void close();

        /**
         * A tensor's derivatives.
         *
         * @param tensor the candidate's name for it, the derivatives' dtype and shape
         * @param values the derivatives
         */
        record Part(TensorSpec tensor, TensorMemory values) {}
    }
}
