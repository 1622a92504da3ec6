package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** The point with the least sum of distances to the models (Weiszfeld, 1937). */
final class GeometricMedian extends GramMethod {
    @Override
    public String name() {
        return "geometric_median";
    }

    @Override
    public String description() {
        return "The point with the least sum of distances to all models, by Weiszfeld's iteration.";
    }

    @Override
    public Base base() {
        return Base.NONE;
    }

    @Override
    public List<Parameter> parameters() {
        return List.of(
                Parameter.number("max_iter", 1, 1e6, OptionalDouble.of(100), "The most iterations."),
                Parameter.number(
                        "tol", 0, 1, OptionalDouble.of(1e-7), "It ends when no weight changes by more than this."));
    }

    /** Of the differences from the first model: those of close models would drown in the models' own products. */
    @Override
    Formula gram(MergeTensor tensor) {
        return Gram.formulaFrom(0, tensor.models());
    }

    @Override
    Decision decide(Gram gram, MergeTensor tensor) {
        int n = gram.models();
        double[] u = new double[n];
        Arrays.fill(u, 1.0 / n);
        int iterations = 0;
        while (iterations < tensor.number("max_iter")) {
            iterations++;
            double[] next = new double[n];
            double sum = 0;
            for (int k = 0; k < n; k++) {
                double[] away = u.clone();
                away[k] -= 1;
                // A point at a model stays finite.
                next[k] = 1 / Math.max(Math.sqrt(Math.max(0, gram.square(away))), 1e-12);
                sum += next[k];
            }
            double change = 0;
            for (int k = 0; k < n; k++) {
                next[k] /= sum;
                change = Math.max(change, Math.abs(next[k] - u[k]));
            }
            u = next;
            if (change <= tensor.number("tol")) {
                break;
            }
        }
        return Decision.of(u, new Fact.Number("iterations", iterations), Decision.byModel(u));
    }
}
