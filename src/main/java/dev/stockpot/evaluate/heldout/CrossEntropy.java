package dev.stockpot.evaluate.heldout;

import java.nio.DoubleBuffer;

/**
 * Cross-entropy of {@code beta} times one example's logits {@code l}, in F64, and its derivatives (Wortsman et al. 2022,
 * appendix I). With {@code p = softmax(beta * l)} and the correct class {@code y}:
 *
 * <pre>
 *   loss      = -log p[y]
 *   d / dl[j] = beta * (p[j] - [j = y])
 *   d / dbeta = sum over j of p[j] * l[j] - l[y]
 * </pre>
 */
public final class CrossEntropy {
    private final double beta;
    private double largest;
    private double sum;
    private double loss;
    private double byBeta;

    /** With logits multiplied by {@code beta}. */
    public CrossEntropy(double beta) {
        this.beta = beta;
    }

    /** Takes one example's logits; NaN or infinite ones make the loss NaN or infinite. */
    public void of(DoubleBuffer logits, int label) {
        largest = Double.NEGATIVE_INFINITY;
        for (int j = 0; j < logits.limit(); j++) {
            largest = Math.max(largest, beta * logits.get(j));
        }
        sum = 0;
        double weighted = 0;
        for (int j = 0; j < logits.limit(); j++) {
            double exp = Math.exp(beta * logits.get(j) - largest);
            sum += exp;
            // A class masked out with minus infinity adds nothing.
            weighted += exp == 0 ? 0 : exp * logits.get(j);
        }
        loss = Math.log(sum) + largest - beta * logits.get(label);
        byBeta = weighted / sum - logits.get(label);
    }

    /** Replaces the logits last given to {@link #of} by {@code scale} times the derivatives of their loss. */
    public void toGradient(DoubleBuffer logits, int label, double scale) {
        for (int j = 0; j < logits.limit(); j++) {
            double p = Math.exp(beta * logits.get(j) - largest) / sum;
            logits.put(j, scale * beta * (p - (j == label ? 1 : 0)));
        }
    }

    /** The last example's loss. */
    public double loss() {
        return loss;
    }

    /** The derivative of the last example's loss with respect to beta. */
    public double byBeta() {
        return byBeta;
    }
}
