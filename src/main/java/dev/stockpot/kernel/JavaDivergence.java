package dev.stockpot.kernel;

import java.nio.DoubleBuffer;
import java.util.function.IntToDoubleFunction;

/** Measures the divergence of rows, in plain Java. */
final class JavaDivergence {
    private static final double FLOOR = 1e-8;

    private final Divergence call;
    private final double[] states;

    JavaDivergence(Divergence call, double[] states) {
        this.call = call;
        this.states = states;
    }

    void run() {
        for (int row = 0; row < call.rows(); row++) {
            double[] x = row(call.model(), row);
            double[] y = row(call.base(), row);
            int at = row * Divergence.STATE;
            if (call.steps().contains(Divergence.Step.MAXIMA)) {
                states[at] = largest(states[at], x);
                states[at + 1] = largest(states[at + 1], y);
            }
            double[] p = exponentials(x, states[at]);
            double[] q = exponentials(y, states[at + 1]);
            if (call.steps().contains(Divergence.Step.SUMS)) {
                states[at + 2] = sum(states[at + 2], i -> p[i]);
                states[at + 3] = sum(states[at + 3], i -> q[i]);
            }
            if (call.steps().contains(Divergence.Step.DIVERGENCE)) {
                double sumP = states[at + 2];
                double sumQ = states[at + 3];
                states[at + Divergence.RESULT] =
                        sum(states[at + Divergence.RESULT], i -> divergence(p[i] / sumP + FLOOR, q[i] / sumQ + FLOOR));
            }
        }
    }

    private double[] row(Operand operand, int row) {
        double[] values = new double[call.rowLength()];
        long from = (long) row * values.length * Double.BYTES;
        DoubleBuffer buffer = operand.memory()
                .slice(operand.offset() + from, values.length * Double.BYTES)
                .asDoubleBuffer();
        buffer.get(values);
        return values;
    }

    private static double largest(double before, double[] x) {
        double most = before;
        for (double value : x) {
            most = Math.max(most, value);
        }
        return most;
    }

    private static double[] exponentials(double[] x, double most) {
        double[] result = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            result[i] = StrictMath.exp(x[i] - most);
        }
        return result;
    }

    private static double divergence(double p, double q) {
        return p * StrictMath.log(p / q);
    }

    /** In blocks and lanes, as a dot product. */
    private double sum(double before, IntToDoubleFunction of) {
        double sum = before;
        for (int from = 0; from < call.rowLength(); from += Dot.BLOCK) {
            double[] lanes = new double[Dot.LANES];
            for (int i = from; i < Math.min(call.rowLength(), from + Dot.BLOCK); i++) {
                lanes[i % Dot.LANES] += of.applyAsDouble(i);
            }
            sum += Lanes.sum(lanes);
        }
        return sum;
    }
}
