package dev.stockpot.merge.method;

import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import java.util.List;
import java.util.OptionalDouble;

/** The methods that see models, or their deltas, as points of a sphere. */
final class SphericalMethods {
    /** As long as cosines are nearer to 1 than this, slerp is a straight line: mergekit's limit. */
    private static final double LINE = 0.9995;
    /** What counts as no length. */
    private static final double NO_LENGTH = 1e-8;

    private SphericalMethods() {}

    private static Parameter weight() {
        return Parameter.ofModel(
                "weight",
                Double.NEGATIVE_INFINITY,
                Double.POSITIVE_INFINITY,
                OptionalDouble.empty(),
                "The model's weight.");
    }

    /** Spherical interpolation of two models (Shoemake, SIGGRAPH 1985), the tensor being one vector. */
    static final class Slerp extends GramMethod {
        @Override
        public String name() {
            return "slerp";
        }

        @Override
        public String description() {
            return "Interpolates along the great circle between two models: sin((1-t)a)/sin(a) x0 + sin(t a)/sin(a) x1, a the"
                    + " angle between them; on a straight line where its cosine is above 0.9995 (Shoemake, SIGGRAPH 1985).";
        }

        @Override
        public Base base() {
            return Base.MEMBER;
        }

        @Override
        public int most() {
            return 2;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(Parameter.number(
                    "t",
                    Double.NEGATIVE_INFINITY,
                    Double.POSITIVE_INFINITY,
                    OptionalDouble.empty(),
                    "How far from the first model to the second, 0 to 1."));
        }

        @Override
        Decision decide(Gram gram, MergeTensor tensor) {
            double t = tensor.number("t");
            double cosine = gram.cosine(0, 1);
            // A vector of no length has no angle.
            boolean line = gram.norm(0) <= NO_LENGTH || gram.norm(1) <= NO_LENGTH || Math.abs(cosine) > LINE;
            return Decision.between(cosine, StrictMath.acos(cosine), line, t);
        }
    }

    /** Spherical interpolation by weights, of two models or their deltas, as one vector or by row or column. */
    static final class NuSlerp extends GramMethod {
        private static final double SHORTEST = 1e-7;

        @Override
        public String name() {
            return "nuslerp";
        }

        @Override
        public String description() {
            return "Slerp with t = w1 / (w0 + w1), of two models or of their deltas on a base; of whole tensors, rows or columns.";
        }

        @Override
        public int most() {
            return 2;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(
                    weight(),
                    Parameter.flag("nuslerp_flatten", true, "Takes a tensor as one vector."),
                    Parameter.flag(
                            "nuslerp_row_wise",
                            false,
                            "If not flattened: takes vectors along the first dimension, else along the last."));
        }

        @Override
        Vectors vectors(MergeTensor tensor) {
            if (tensor.flag("nuslerp_flatten") || tensor.shape().size() < 2) {
                return Vectors.TENSOR;
            }
            return tensor.flag("nuslerp_row_wise") ? Vectors.COLUMNS : Vectors.ROWS;
        }

        @Override
        Decision decide(Gram gram, MergeTensor tensor) {
            double sum = tensor.number("weight", 0) + tensor.number("weight", 1);
            double t = Math.abs(sum) < 1e-6 ? 0.5 : tensor.number("weight", 1) / sum;
            double lengths = Math.max(gram.norm(0), SHORTEST) * Math.max(gram.norm(1), SHORTEST);
            double cosine = Gram.clamped(gram.product(0, 1) / lengths);
            double angle = StrictMath.acos(cosine);
            boolean line = Math.abs(StrictMath.sin(angle)) < 1e-8;
            return Decision.between(cosine, angle, line, t);
        }
    }

    /** The weighted mean of directions, as long as the weighted mean of lengths. */
    static final class MultiSlerp extends GramMethod {
        @Override
        public String name() {
            return "multislerp";
        }

        @Override
        public String description() {
            return "The direction of the weighted mean of unit vectors, with the weighted mean of their lengths; of models, or of"
                    + " their deltas on a base.";
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(
                    weight(),
                    Parameter.flag("normalize_weights", true, "Divides the weights by their sum."),
                    Parameter.number(
                            "eps", 0, 1, OptionalDouble.of(NO_LENGTH), "Added to lengths before they divide."));
        }

        @Override
        Decision decide(Gram gram, MergeTensor tensor) {
            int n = gram.models();
            double eps = tensor.number("eps");
            double[] w = new double[n];
            double sum = 0;
            for (int k = 0; k < n; k++) {
                w[k] = tensor.number("weight", k);
                sum += w[k];
            }
            if (tensor.flag("normalize_weights") && Math.abs(sum) < NO_LENGTH) {
                throw new ArithmeticException("the weights of tensor " + tensor.name() + " add up to 0");
            }
            double[] unit = new double[n];
            double length = 0;
            for (int k = 0; k < n; k++) {
                w[k] = tensor.flag("normalize_weights") ? w[k] / sum : w[k];
                length += w[k] * gram.norm(k);
                unit[k] = w[k] / (gram.norm(k) + eps);
            }
            double mean = Math.sqrt(Math.max(0, gram.square(unit)));
            if (mean < eps) {
                if (n == 2) {
                    return mean(gram, w);
                }
                throw new ArithmeticException("the weighted directions of tensor " + tensor.name() + " cancel out");
            }
            for (int k = 0; k < n; k++) {
                unit[k] *= length / mean;
            }
            return mean(gram, unit);
        }

        private static Decision mean(Gram gram, double[] weights) {
            return Decision.of(weights, new Fact.Number("cosine", gram.meanCosine()), Decision.byModel(weights));
        }
    }

    /** The mean on the sphere (Karcher, 1977), as long as the mean of lengths. */
    static final class Karcher extends GramMethod {
        @Override
        public String name() {
            return "karcher";
        }

        @Override
        public String description() {
            return "The direction with the least sum of squared angles to all models (Karcher mean), as long as they are on"
                    + " average.";
        }

        @Override
        public Base base() {
            return Base.MEMBER;
        }

        @Override
        public List<Parameter> parameters() {
            return List.of(
                    Parameter.number("max_iter", 1, 1e6, OptionalDouble.of(10), "The most iterations."),
                    Parameter.number(
                            "tol", 0, 1, OptionalDouble.of(1e-5), "Angles and lengths below this count as 0."));
        }

        @Override
        Decision decide(Gram gram, MergeTensor tensor) {
            int n = gram.models();
            double tol = tensor.number("tol");
            double[] unit = new double[n]; // What makes a unit vector of a model; 0 for a model of no length.
            int counted = 0;
            double length = 0;
            for (int k = 0; k < n; k++) {
                if (gram.norm(k) > tol) {
                    unit[k] = 1 / gram.norm(k);
                    counted++;
                }
                length += gram.norm(k) > tol ? gram.norm(k) / n : 0;
            }
            double[] u = counted == 0 ? new double[n] : mean(gram, unit, tol);
            int iterations = 0;
            while (counted > 0 && iterations < tensor.number("max_iter")) {
                double[] step = tangent(gram, unit, u, counted, tol);
                double size = Math.sqrt(Math.max(0, gram.square(step)));
                if (size < tol) {
                    break;
                }
                for (int k = 0; k < n; k++) {
                    u[k] = StrictMath.cos(size) * u[k] + StrictMath.sin(size) / size * step[k];
                }
                scale(u, 1 / Math.sqrt(gram.square(u)));
                iterations++;
            }
            scale(u, length);
            return Decision.of(
                    u,
                    new Fact.Number("cosine", gram.meanCosine()),
                    new Fact.Number("iterations", iterations),
                    Decision.byModel(u));
        }

        /** The normalised mean of the units, as weights; the first unit if they cancel out. */
        private static double[] mean(Gram gram, double[] unit, double tol) {
            double[] u = unit.clone();
            int n = 0;
            for (double x : unit) {
                n += x == 0 ? 0 : 1;
            }
            scale(u, 1.0 / n);
            double size = Math.sqrt(Math.max(0, gram.square(u)));
            if (size >= tol) {
                scale(u, 1 / size);
                return u;
            }
            double[] first = new double[unit.length];
            for (int k = 0; k < unit.length; k++) {
                if (unit[k] != 0) {
                    first[k] = unit[k];
                    break;
                }
            }
            return first;
        }

        /** The mean of the logarithms at u, as weights. */
        private static double[] tangent(Gram gram, double[] unit, double[] u, int counted, double tol) {
            double[] step = new double[unit.length];
            for (int i = 0; i < unit.length; i++) {
                double dot = 0;
                for (int j = 0; j < unit.length; j++) {
                    dot += u[j] * unit[i] * gram.product(i, j);
                }
                double cosine = Gram.clamped(dot);
                double angle = StrictMath.acos(cosine);
                if (unit[i] == 0 || angle < tol || Math.PI - angle < tol) {
                    continue;
                }
                double by = angle / StrictMath.sin(angle) / counted;
                step[i] += by * unit[i];
                for (int j = 0; j < u.length; j++) {
                    step[j] -= by * cosine * u[j];
                }
            }
            return step;
        }
    }

    private static void scale(double[] x, double by) {
        for (int k = 0; k < x.length; k++) {
            x[k] *= by;
        }
    }
}
