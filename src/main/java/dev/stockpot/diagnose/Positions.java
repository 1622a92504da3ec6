package dev.stockpot.diagnose;

import dev.stockpot.engine.pass.Gram;

/**
 * The positions of models around an origin, in the space of their weights: lengths, distances and angles, of whole models or of
 * one tensor. Models are numbered from 0. The origin is the pre-trained model, or the models' mean if there is none.
 */
public final class Positions {
    private final Gram gram;
    private final int models;

    /** {@code gram} has the models' deviations from the origin, and last the origin itself. */
    Positions(Gram gram) {
        this.gram = gram;
        this.models = gram.vectors() - 1;
    }

    /** The number of models. */
    public int models() {
        return models;
    }

    /** How far model {@code i} is from the origin: the length of theta_i - theta_0. */
    public double moved(int i) {
        return gram.norm(i);
    }

    /** How far two models are apart; exactly 0 if they are equal. */
    public double distance(int i, int j) {
        return gram.distance(i, j);
    }

    /** The cosine of the angle between two models, seen from the origin; NaN if one is at the origin. */
    public double cosine(int i, int j) {
        return gram.cosine(i, j);
    }

    /** The angle between two models, seen from the origin, in degrees: the paper's phi (figure 3). */
    public double angle(int i, int j) {
        return gram.angle(i, j);
    }

    /** The inner product of two models' deviations from the origin. */
    public double product(int i, int j) {
        return gram.product(i, j);
    }

    /** The length of the origin itself. */
    public double originNorm() {
        return gram.norm(models);
    }

    /** The length of model {@code i}'s weights. */
    public double norm(int i) {
        return Math.sqrt(Math.max(0, weights(i, i)));
    }

    /** The cosine between two models' weights themselves, seen from zero. */
    public double weightCosine(int i, int j) {
        return inRange(weights(i, j) / (norm(i) * norm(j)));
    }

    /** The cosine between model {@code i}'s weights and the origin's. */
    public double originCosine(int i) {
        double product = gram.product(i, models) + gram.product(models, models);
        return inRange(product / (norm(i) * originNorm()));
    }

    /** Whether all of model {@code i}'s values are finite, and the origin's. */
    public boolean finite(int i) {
        return Double.isFinite(gram.product(i, i)) && Double.isFinite(gram.product(i, models));
    }

    private double weights(int i, int j) {
        return gram.product(i, j) + gram.product(i, models) + gram.product(j, models) + gram.product(models, models);
    }

    private static double inRange(double cosine) {
        return Double.isFinite(cosine) ? Math.max(-1, Math.min(1, cosine)) : Double.NaN;
    }
}
