package dev.stockpot.merge.method;

import dev.stockpot.merge.Fact;
import dev.stockpot.merge.MergeTensor;
import dev.stockpot.merge.Parameter;
import java.util.List;
import java.util.OptionalDouble;

/** The mean on the sphere (Karcher, 1977), as long as the mean of lengths. */
final class Karcher extends GramMethod {
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
                Parameter.number("tol", 0, 1, OptionalDouble.of(1e-5), "Angles and lengths below this count as 0."));
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

    private static void scale(double[] x, double by) {
        for (int k = 0; k < x.length; k++) {
            x[k] *= by;
        }
    }
}
