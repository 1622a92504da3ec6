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
     * @throws dev.stockpot.error.EvaluationException where this evaluator cannot differentiate after all
     */
    int examples();

    /**
     * The loss on a batch and its gradient by the candidate's float tensors.
     *
     * @throws dev.stockpot.error.EvaluationException where there is none; the message names the candidate
     */
    Gradient gradient(Candidate candidate, Batch batch) throws InterruptedException;

    /** Scores on the batch's examples alone; holds {@code loss} of {@code beta} times the logits, and more. */
    Scores evaluate(Candidate candidate, Batch batch) throws InterruptedException;

    /** Held-out examples and the temperature that multiplies their logits. Immutable. */
    final class Batch {
        private final int[] examples;
        private final double beta;

        /**
         * Some examples.
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

    /** A loss and its derivatives; their memory is good until it is closed. */
    interface Gradient extends AutoCloseable {
        /** Mean over the batch; NaN or infinite where the evaluator found it so. */
        double loss();

        /** Derivative of the loss by {@code beta}. */
        double byBeta();

        /** Derivatives by the candidate's tensors, F32 or F64, of the tensors' shapes; only those the loss depends on. */
        Map<String, Part> byTensor();

        @Override
        void close();

        /**
         * A tensor's derivatives.
         *
         * @param tensor what they are, by the candidate's name
         * @param values the derivatives
         */
        record Part(TensorSpec tensor, TensorMemory values) {}
    }
}
