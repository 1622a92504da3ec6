package dev.stockpot.merge.method;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;

/** The inner products of a tensor's models, or of their deltas, with each other. */
final class Gram {
    private final int models;
    private final double[] products;

    /** @param products of i and j for all i, and all j from i on */
    Gram(int models, double[] products) {
        this.models = models;
        this.products = products;
    }

    /** The formula whose sums are the products of models. */
    static Formula formula(int models) {
        FormulaBuilder f = Formula.builder();
        return products(f, models(f, models));
    }

    /** The formula whose sums are the products of the models' differences from a source. */
    static Formula formulaFrom(int origin, int models) {
        FormulaBuilder f = Formula.builder();
        return products(f, deltas(f, origin, models));
    }

    private static Formula products(FormulaBuilder f, Value[] x) {
        for (int i = 0; i < x.length; i++) {
            for (int j = i; j < x.length; j++) {
                f.dot(x[i], x[j]);
            }
        }
        return f.build();
    }

    /** Each model's elements. */
    static Value[] models(FormulaBuilder f, int models) {
        Value[] x = new Value[models];
        for (int k = 0; k < models; k++) {
            x[k] = f.source(k);
        }
        return x;
    }

    /** Each model's differences from a source. */
    static Value[] deltas(FormulaBuilder f, int origin, int models) {
        Value[] x = models(f, models);
        Value from = f.source(origin);
        for (int k = 0; k < models; k++) {
            x[k] = f.sub(x[k], from);
        }
        return x;
    }

    int models() {
        return models;
    }

    double product(int i, int j) {
        return i > j ? product(j, i) : products[i * models - i * (i - 1) / 2 + j - i];
    }

    double norm(int i) {
        return Math.sqrt(product(i, i));
    }

    /** The square of the length of a weighted sum. */
    double square(double[] weights) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            for (int j = 0; j < weights.length; j++) {
                sum += weights[i] * weights[j] * product(i, j);
            }
        }
        return sum;
    }

    /** The cosine of two vectors; NaN if one has no length. */
    double cosine(int i, int j) {
        return product(i, j) / (norm(i) * norm(j));
    }

    /** The mean cosine of all pairs that have one. */
    double meanCosine() {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < models; i++) {
            for (int j = i + 1; j < models; j++) {
                double cosine = cosine(i, j);
                sum += Double.isNaN(cosine) ? 0 : cosine;
                pairs += Double.isNaN(cosine) ? 0 : 1;
            }
        }
        return sum / pairs;
    }

    /** A cosine, which rounding may have taken past 1. */
    static double clamped(double cosine) {
        return Math.max(-1, Math.min(1, cosine));
    }
}
