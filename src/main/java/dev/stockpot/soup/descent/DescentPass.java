package dev.stockpot.soup.descent;

import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;

/** How the steps of a descent read the ingredients. All ways produce the same bits. */
public interface DescentPass extends AutoCloseable {
    /** A candidate with the coefficients {@code at}; valid until the next one is requested. */
    Candidate candidate(String name, Coefficients at) throws InterruptedException;

    /**
     * Takes one step down.
     *
     * @param gradient of the loss with respect to the weights of the candidate with the coefficients {@code at}
     * @return the moved coefficients; not finite if the gradient is not
     */
    Coefficients step(Gradient gradient, Coefficients at, AdamW optimizer) throws InterruptedException;

    @Override
    void close();
}
