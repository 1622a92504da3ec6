package dev.stockpot.kernel;

import java.util.Set;

/**
 * Rows of a model and of its base, whose divergence {@code sum of p log(p / q)} is measured: p and q are their softmax +
 * 1e-8 (docs/numbers.md). All steps together take whole rows, one after the other also parts of a row that are whole blocks
 * ({@link Dot#BLOCK}).
 *
 * @param model of F64, rows after each other; aligned. Undefined afterwards
 * @param base as many
 * @param rows how many rows
 * @param rowLength how many elements each has, or each part of one
 * @param steps what to do
 */
public record Divergence(Operand model, Operand base, long rows, int rowLength, Set<Step> steps) {
    /** How many numbers there are for a row: the largest elements and the sums of both, and the divergence. */
    public static final int STATE = 5;

    /** Where the divergence is among them. */
    public static final int RESULT = 4;

    /** What is done to a row, in this order. */
    public enum Step {
        /** Its largest elements are found. */
        MAXIMA,
        /** The sums of exp(x - largest) are formed. */
        SUMS,
        /** The divergence is. */
        DIVERGENCE
    }

    /** The state of rows before the first step. */
    public static double[] start(int rows) {
        double[] states = new double[rows * STATE];
        for (int row = 0; row < rows; row++) {
            states[row * STATE] = Double.NEGATIVE_INFINITY;
            states[row * STATE + 1] = Double.NEGATIVE_INFINITY;
        }
        return states;
    }
}
