package dev.stockpot.soup.descent;

import dev.stockpot.engine.Engine;
import dev.stockpot.engine.pass.GradientDots;
import dev.stockpot.engine.pass.TensorGradient;
import dev.stockpot.evaluate.Candidate;
import dev.stockpot.evaluate.GradientEvaluator.Gradient;
import dev.stockpot.soup.search.CandidateFiles;
import java.util.List;

/** Reads the ingredients once to mix a candidate and once for the dot products: for ingredients that fit into memory. */
public record TwoPasses(WeightedSoup soup, Engine engine, CandidateFiles files) implements DescentPass {
    @Override
    public Candidate candidate(String name, Coefficients at) {
        return soup.candidate(name, at, engine, files);
    }

    @Override
    public Coefficients step(Gradient gradient, Coefficients at, AdamW optimizer) throws InterruptedException {
        return at.with(optimizer.step(at.parameters(), byParameters(gradient, at)));
    }

    /** The loss's derivatives with respect to the parameters, in the order of {@link Coefficients#parameters}. */
    double[] byParameters(Gradient gradient, Coefficients at) throws InterruptedException {
        List<TensorGradient> gradients = soup.gradients(gradient.byTensor());
        double[][] dots = GradientDots.of(gradients, engine.silent());
        double[][] byAlpha = new double[at.groups()][at.ingredients()];
        for (int t = 0; t < dots.length; t++) {
            double[] sums = byAlpha[soup.group(gradients.get(t).name())];
            for (int k = 0; k < sums.length; k++) {
                sums[k] += dots[t][k];
            }
        }
        return at.gradient(byAlpha, gradient.byBeta());
    }

    @Override
    public void close() {}
}
