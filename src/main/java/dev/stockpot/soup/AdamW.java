package dev.stockpot.soup;

/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2) without weight decay, which
 * learned soups do not use: with it, equal coefficients would be drawn to zero. All in F64.
 */
final class AdamW {
    static final double BETA1 = 0.9;
    static final double BETA2 = 0.999;
    static final double EPSILON = 1e-8;

    private final double learningRate;
    private final double[] mean;
    private final double[] square;
    private long steps;

    AdamW(double learningRate, int parameters) {
        this(learningRate, new double[parameters], new double[parameters], 0);
    }

    /** As it was left: the running means of gradients and of their squares, and the steps done. */
    AdamW(double learningRate, double[] mean, double[] square, long steps) {
        this.learningRate = learningRate;
        this.mean = mean.clone();
        this.square = square.clone();
        this.steps = steps;
    }

    /** One step down {@code gradient} from {@code parameters}; gives where it leads. */
    double[] step(double[] parameters, double[] gradient) {
        steps++;
        double correction1 = 1 - StrictMath.pow(BETA1, steps);
        double correction2 = 1 - StrictMath.pow(BETA2, steps);
        double[] moved = new double[parameters.length];
        for (int i = 0; i < parameters.length; i++) {
            mean[i] = BETA1 * mean[i] + (1 - BETA1) * gradient[i];
            square[i] = BETA2 * square[i] + (1 - BETA2) * gradient[i] * gradient[i];
            double size = Math.sqrt(square[i] / correction2) + EPSILON;
            moved[i] = parameters[i] - learningRate * (mean[i] / correction1) / size;
        }
        return moved;
    }

    AdamW copy() {
        return new AdamW(learningRate, mean, square, steps);
    }

    double[] mean() {
        return mean.clone();
    }

    double[] square() {
        return square.clone();
    }

    long steps() {
        return steps;
    }
}
