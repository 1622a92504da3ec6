package dev.stockpot.soup.options;

/**
 * Weights for checkpoints of one training run, the oldest first.
 *
 * <p>Averaging checkpoints of a run with a constant learning rate does what a decay of the rate would have done (WSM, arXiv
 * 2507.17634, section 3): with {@code x_i = x_0 + g_1 + ... + g_i}, the sum of {@code c_i x_i} is {@code x_0} plus the sum of
 * {@code w_i g_i}, where {@code w_i = c_i + ... + c_(n-1)} if all {@code c_i} add up to 1. So for a decay that multiplies the
 * update {@code g_i} by {@code w_i = s(i / n)}, {@code c_(n-1) = w_(n-1)}, {@code c_i = w_i - w_(i+1)} and {@code c_0 = 1 -
 * w_1}: differences of the decay, which falls from {@code s(0) = 1} to {@code s(1) = 0}.
 */
public final class WeightSchedule {
    /** How weights go over the checkpoints. */
    private enum Kind {
        LINEAR,
        COSINE,
        MINUS_SQRT,
        EMA
    }

    private final Kind kind;
    private final double decay;

    private WeightSchedule(Kind kind, double decay) {
        this.kind = kind;
        this.decay = decay;
    }

    /** As a linear decay of the learning rate, {@code s(x) = 1 - x}: equal weights. */
    public static WeightSchedule linear() {
        return new WeightSchedule(Kind.LINEAR, 0);
    }

    /** As a cosine decay, {@code s(x) = (1 + cos(pi x)) / 2}: those in the middle weigh most. */
    public static WeightSchedule cosine() {
        return new WeightSchedule(Kind.COSINE, 0);
    }

    /** As a decay with {@code s(x) = 1 - sqrt(x)}: the oldest weighs most. */
    public static WeightSchedule minusSqrt() {
        return new WeightSchedule(Kind.MINUS_SQRT, 0);
    }

    /**
     * An exponential moving average over the checkpoints, which begins with the oldest: {@code a = x_0}, then {@code a = decay a +
     * (1 - decay) x_i}.
     *
     * @param decay at least 0 and less than 1
     * @throws IllegalArgumentException if it is not
     */
    public static WeightSchedule ema(double decay) {
        if (!(decay >= 0 && decay < 1)) {
            throw new IllegalArgumentException("a decay should be at least 0 and less than 1 but got " + decay);
        }
        return new WeightSchedule(Kind.EMA, decay);
    }

    /**
     * By its name: {@code linear}, {@code cosine}, {@code minus-sqrt} or {@code ema:DECAY}.
     *
     * @throws IllegalArgumentException if it is none of these
     */
    public static WeightSchedule of(String name) {
        if (name.startsWith("ema:")) {
            try {
                return ema(Double.parseDouble(name.substring("ema:".length())));
            } catch (NumberFormatException e) {
                throw unknown(name);
            }
        }
        return switch (name) {
            case "linear" -> linear();
            case "cosine" -> cosine();
            case "minus-sqrt" -> minusSqrt();
            default -> throw unknown(name);
        };
    }

    private static IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException(
                "a schedule should be linear, cosine, minus-sqrt or ema:DECAY but got '" + name + "'");
    }

    /**
     * The weights of {@code checkpoints}, the oldest's first. They add up to 1 but for rounding.
     *
     * @param checkpoints at least 1
     */
    public double[] weights(int checkpoints) {
        double[] weights = new double[checkpoints];
        for (int i = 0; i < checkpoints; i++) {
            weights[i] = switch (kind) {
                case LINEAR -> 1.0 / checkpoints;
                case COSINE, MINUS_SQRT -> decayed(i, checkpoints) - decayed(i + 1, checkpoints);
                case EMA -> (i == 0 ? 1 : 1 - decay) * StrictMath.pow(decay, checkpoints - 1.0 - i);
            };
        }
        return weights;
    }

    /** The decay at a checkpoint: what its update is multiplied with. */
    private double decayed(int checkpoint, int checkpoints) {
        if (checkpoint == checkpoints) {
            return 0;
        }
        double x = (double) checkpoint / checkpoints;
        return kind == Kind.COSINE ? (1 + StrictMath.cos(Math.PI * x)) / 2 : 1 - Math.sqrt(x);
    }

    /** Whether all weigh the same. */
    public boolean isEqual() {
        return kind == Kind.LINEAR;
    }

    /** Its name, as {@link #of} takes it. */
    @Override
    public String toString() {
        return switch (kind) {
            case LINEAR -> "linear";
            case COSINE -> "cosine";
            case MINUS_SQRT -> "minus-sqrt";
            case EMA -> "ema:" + decay;
        };
    }
}
