package dev.stockpot.evaluate;

import java.util.List;

/** A model's logits for every example of a data set; ensembles are formed from them. Immutable. */
public final class Outputs {
    private final double[][] logits;
    private final int[] labels;

    private Outputs(double[][] logits, int[] labels) {
        this.logits = logits;
        this.labels = labels;
    }

    /**
     * Copies of these values.
     *
     * @param logits [n][classes]
     * @param labels [n], from 0
     * @throws IllegalArgumentException if there are not as many rows as labels
     */
    public static Outputs of(double[][] logits, int[] labels) {
        if (logits.length != labels.length) {
            throw new IllegalArgumentException("there should be one row of logits per label but there are "
                    + logits.length + " and " + labels.length);
        }
        return new Outputs(copy(logits), labels.clone());
    }

    /** A copy of the logits: [n][classes]. */
    public double[][] logits() {
        return copy(logits);
    }

    /** A copy of the labels: [n], from 0. */
    public int[] labels() {
        return labels.clone();
    }

    private static double[][] copy(double[][] rows) {
        double[][] copy = new double[rows.length][];
        for (int row = 0; row < rows.length; row++) {
            copy[row] = rows[row].clone();
        }
        return copy;
    }

    /**
     * The ensemble of several models on one data set: the mean of their logits (Wortsman et al. 2022, section 3.2).
     *
     * @throws IllegalArgumentException if there are none, or their sizes differ
     */
    public static Outputs mean(List<Outputs> models) {
        if (models.isEmpty()) {
            throw new IllegalArgumentException("an ensemble should have at least one model");
        }
        int[] labels = models.get(0).labels;
        double[][] mean = new double[labels.length][];
        for (int row = 0; row < labels.length; row++) {
            mean[row] = new double[models.get(0).logits[row].length];
            for (Outputs model : models) {
                double[] logits = model.logits[row];
                if (model.labels.length != labels.length || logits.length != mean[row].length) {
                    throw new IllegalArgumentException("the models of an ensemble should give outputs of one size");
                }
                for (int j = 0; j < logits.length; j++) {
                    mean[row][j] += logits[j] / models.size();
                }
            }
        }
        return new Outputs(mean, labels);
    }

    /** The fraction of examples whose label has the largest logit; of equal logits the first class counts. */
    public double accuracy() {
        int right = 0;
        for (int row = 0; row < labels.length; row++) {
            double[] of = logits[row];
            int best = 0;
            for (int j = 1; j < of.length; j++) {
                best = of[j] > of[best] ? j : best;
            }
            right += best == labels[row] ? 1 : 0;
        }
        return (double) right / labels.length;
    }
}
