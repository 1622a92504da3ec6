package dev.stockpot.soup.descent;

import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.StartingPoint;
import java.util.Arrays;
import java.util.List;

/**
 * The mixing coefficients of a learned soup and the temperature, as the optimizer's parameters (Wortsman et al., ICML 2022,
 * appendix I): a raw number for each group and ingredient, and {@code beta}, which multiplies the logits. Immutable.
 *
 * @param raw by group, then by ingredient; alpha is their softmax, or the raw numbers themselves
 * @param beta the temperature
 * @param softmax whether alpha is the softmax, positive and with sum 1
 */
public record Coefficients(double[][] raw, double beta, boolean softmax) {
    /** The weight of ingredients that the starting soup lacks: small, not zero, as softmax never reaches zero. */
    private static final double HARDLY_ANY = 0.01;

    /** Equal coefficients for all ingredients. */
    static Coefficients equal(int groups, int ingredients, boolean softmax) {
        double[][] raw = new double[groups][ingredients];
        for (double[] row : raw) {
            Arrays.fill(row, softmax ? 1 : 1.0 / ingredients);
        }
        return new Coefficients(raw, 1, softmax);
    }

    /**
     * The coefficients of a starting point.
     *
     * @throws SoupException if they do not match the number of groups or ingredients, or are not finite
     */
    public static Coefficients of(StartingPoint start, int groups, int ingredients, boolean softmax) {
        List<List<Double>> given = start.alpha();
        if (given.isEmpty()) {
            return equal(groups, ingredients, softmax);
        }
        if (given.size() != 1 && given.size() != groups) {
            throw new SoupException(
                    Reason.COEFFICIENTS,
                    "the starting point has coefficients for " + given.size() + " groups but the soup has " + groups);
        }
        double[][] alpha = new double[groups][];
        for (int g = 0; g < groups; g++) {
            List<Double> row = given.get(given.size() == 1 ? 0 : g);
            if (row.size() != ingredients || !row.stream().allMatch(Double::isFinite)) {
                throw new SoupException(
                        Reason.COEFFICIENTS,
                        "the coefficients to start from should be " + ingredients + " finite numbers per group but are "
                                + row);
            }
            alpha[g] = row.stream().mapToDouble(Double::doubleValue).toArray();
        }
        return of(alpha, start.beta(), softmax);
    }

    /** With these alphas; under softmax, those near zero or below become small positive ones. */
    static Coefficients of(double[][] alpha, double beta, boolean softmax) {
        double[][] raw = new double[alpha.length][];
        for (int g = 0; g < alpha.length; g++) {
            double smallest = HARDLY_ANY / alpha[g].length;
            raw[g] = softmax
                    ? Arrays.stream(alpha[g])
                            .map(a -> 1 + Math.log(Math.max(a, smallest)))
                            .toArray()
                    : alpha[g].clone();
        }
        return new Coefficients(raw, beta, softmax);
    }

    int groups() {
        return raw.length;
    }

    int ingredients() {
        return raw[0].length;
    }

    /** The mixing coefficients of group {@code g}. */
    public double[] alpha(int g) {
        if (!softmax) {
            return raw[g].clone();
        }
        double largest = Arrays.stream(raw[g]).max().orElseThrow();
        double[] alpha =
                Arrays.stream(raw[g]).map(r -> StrictMath.exp(r - largest)).toArray();
        double sum = Arrays.stream(alpha).sum();
        for (int k = 0; k < alpha.length; k++) {
            alpha[k] /= sum;
        }
        return alpha;
    }

    /** The mixing coefficients of all groups. */
    public double[][] alpha() {
        double[][] all = new double[groups()][];
        for (int g = 0; g < all.length; g++) {
            all[g] = alpha(g);
        }
        return all;
    }

    /** The chain rule through the softmax: from derivatives with respect to group {@code g}'s alpha to those of its raw. */
    double[] byRaw(int g, double[] byAlpha) {
        if (!softmax) {
            return byAlpha;
        }
        double[] alpha = alpha(g);
        double mean = 0;
        for (int k = 0; k < alpha.length; k++) {
            mean += alpha[k] * byAlpha[k];
        }
        double[] byRaw = new double[alpha.length];
        for (int k = 0; k < alpha.length; k++) {
            byRaw[k] = alpha[k] * (byAlpha[k] - mean);
        }
        return byRaw;
    }

    /** The optimizer's parameters in one array: raw, group by group, then beta. */
    public double[] parameters() {
        double[] all = new double[groups() * ingredients() + 1];
        for (int g = 0; g < groups(); g++) {
            System.arraycopy(raw[g], 0, all, g * ingredients(), ingredients());
        }
        all[all.length - 1] = beta;
        return all;
    }

    /** The same with moved parameters, in the order of {@link #parameters}. */
    Coefficients with(double[] parameters) {
        double[][] moved = new double[groups()][];
        for (int g = 0; g < moved.length; g++) {
            moved[g] = Arrays.copyOfRange(parameters, g * ingredients(), (g + 1) * ingredients());
        }
        return new Coefficients(moved, parameters[parameters.length - 1], softmax);
    }

    boolean isFinite() {
        return Arrays.stream(parameters()).allMatch(Double::isFinite);
    }

    /** The derivatives with respect to {@link #parameters}, in their order. */
    double[] gradient(double[][] byAlpha, double byBeta) {
        double[][] byRaw = new double[groups()][];
        for (int g = 0; g < byRaw.length; g++) {
            byRaw[g] = byRaw(g, byAlpha[g]);
        }
        return new Coefficients(byRaw, byBeta, false).parameters();
    }
}
