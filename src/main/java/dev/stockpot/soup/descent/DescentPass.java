package dev.stockpot.soup.descent;

import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;

/** How the steps of a descent read the ingredients. Every way gives the same bits. */
public interface DescentPass extends AutoCloseable {
    /** A candidate with the coefficients {@code at}; good until the next one is asked for. */
    Candidate candidate(String name, Coefficients at) throws InterruptedException;

    /**
     * One step down.
     *
     * @param gradient of the loss by the weights of the candidate with the coefficients {@code at}
     * @return where it leads; not finite where the gradient is not
     */
    Coefficients step(Gradient gradient, Coefficients at, AdamW optimizer) throws InterruptedException;

    @Override
    void close();
}
