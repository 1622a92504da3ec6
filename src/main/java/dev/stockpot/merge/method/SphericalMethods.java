package dev.stockpot.merge.method;

import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import dev.stockpot.merge.Step;
import java.util.Arrays;
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
        private static final String NORMALIZE = "normalize_weights";

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
                    Parameter.flag(NORMALIZE, true, "Divides the weights by their sum."),
                    Parameter.number(
                            "eps", 0, 1, OptionalDouble.of(NO_LENGTH), "Added to lengths before they divide."));
        }

        @Override
        public Step merge(MergeTensor tensor) {
            divisor(tensor); // before any value is read
            return super.merge(tensor);
        }

        private static double divisor(MergeTensor tensor) {
            double sum = tensor.flag(NORMALIZE)
                    ? Arrays.stream(tensor.values().get("weight")).reduce(0, Double::sum)
                    : 1;
            if (Math.abs(sum) < NO_LENGTH) {
                throw new ArithmeticException("the weights of tensor " + tensor.name() + " add up to 0, and '"
                        + NORMALIZE + "' divides by that");
            }
            return sum;
        }

        @Override
        Decision decide(Gram gram, MergeTensor tensor) {
            int n = gram.models();
            double eps = tensor.number("eps");
            double[] w = new double[n];
            double[] unit = new double[n];
            double length = 0;
            for (int k = 0; k < n; k++) {
                w[k] = tensor.number("weight", k) / divisor(tensor);
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
}
