package dev.stockpot.merge.method;

import java.util.Arrays;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;

/** Whole tensors in F64, as NumPy has them: what the oracles of merge methods are written with. */
final class Vectors {
    private Vectors() {}

    static double[] map(double[] x, DoubleUnaryOperator f) {
        return Arrays.stream(x).map(f).toArray();
    }

    static double[] zip(double[] x, double[] y, DoubleBinaryOperator f) {
        return IntStream.range(0, x.length)
                .mapToDouble(i -> f.applyAsDouble(x[i], y[i]))
                .toArray();
    }

    static double[] add(double[] x, double[] y) {
        return zip(x, y, Double::sum);
    }

    static double[] sub(double[] x, double[] y) {
        return zip(x, y, (a, b) -> a - b);
    }

    static double[] times(double factor, double[] x) {
        return map(x, a -> factor * a);
    }

    static double dot(double[] x, double[] y) {
        return Arrays.stream(zip(x, y, (a, b) -> a * b)).sum();
    }

    static double norm(double[] x) {
        return Math.sqrt(dot(x, x));
    }

    /** The sum of vectors times their weights. */
    static double[] sum(double[] weights, double[]... vectors) {
        double[] sum = new double[vectors[0].length];
        for (int k = 0; k < vectors.length; k++) {
            sum = add(sum, times(weights[k], vectors[k]));
        }
        return sum;
    }

    static double[] mean(double[]... vectors) {
        double[] ones = new double[vectors.length];
        Arrays.fill(ones, 1);
        return times(1.0 / vectors.length, sum(ones, vectors));
    }

    /** One row of each. */
    static double[][] rows(int row, int length, double[]... vectors) {
        return Arrays.stream(vectors)
                .map(x -> Arrays.copyOfRange(x, row * length, (row + 1) * length))
                .toArray(double[][]::new);
    }

    /** A matrix of {@code columns} columns, turned. */
    static double[] transposed(double[] x, int columns) {
        int rows = x.length / columns;
        return IntStream.range(0, x.length)
                .mapToDouble(i -> x[i % rows * columns + i / rows])
                .toArray();
    }

    /** The indices by descending magnitude in F32; of equal ones the lower first. */
    static Integer[] byMagnitude(double[] x) {
        Integer[] order = IntStream.range(0, x.length).boxed().toArray(Integer[]::new);
        Arrays.sort(order, (i, j) -> Float.compare((float) Math.abs(x[j]), (float) Math.abs(x[i])));
        return order;
    }

    /** The elements of ranks from {@code first} up to but without {@code end}, and 0 for the others. */
    static double[] ranks(double[] x, int first, int end) {
        double[] kept = new double[x.length];
        Integer[] order = byMagnitude(x);
        for (int rank = first; rank < end; rank++) {
            kept[order[rank]] = x[order[rank]];
        }
        return kept;
    }
}
