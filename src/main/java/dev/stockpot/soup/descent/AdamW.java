package dev.stockpot.soup.descent;

/**
 * AdamW (Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, algorithm 2) without weight decay, which
 * learned soups do not use: it would pull equal coefficients to zero. All in F64.
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

    /** Restores its state: the running means of gradients and of their squares, and the number of steps taken. */
    AdamW(double learningRate, double[] mean, double[] square, long steps) {
        this.learningRate = learningRate;
        this.mean = mean.clone();
        this.square = square.clone();
        this.steps = steps;
    }

    /** Takes one step down {@code gradient} from {@code parameters}; returns the moved parameters. */
    double[] step(double[] parameters, double[] gradient) {
        begin();
        double[] moved = parameters.clone();
        move(moved, gradient, 0);
        return moved;
    }

    /** Begins a step whose parameters are moved part by part, each one exactly once. */
    void begin() {
        steps++;
    }

    /** Moves the parameters from number {@code from} on down {@code gradient}, in place. */
    void move(double[] parameters, double[] gradient, int from) {
        double correction1 = 1 - StrictMath.pow(BETA1, steps);
        double correction2 = 1 - StrictMath.pow(BETA2, steps);
        for (int g = 0; g < gradient.length; g++) {
            int i = from + g;
            mean[i] = BETA1 * mean[i] + (1 - BETA1) * gradient[g];
            square[i] = BETA2 * square[i] + (1 - BETA2) * gradient[g] * gradient[g];
            double size = Math.sqrt(square[i] / correction2) + EPSILON;
            parameters[i] -= learningRate * (mean[i] / correction1) / size;
        }
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
