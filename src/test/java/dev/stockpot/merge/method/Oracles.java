package dev.stockpot.merge.method;

import static dev.stockpot.merge.method.Vectors.add;
import static dev.stockpot.merge.method.Vectors.dot;
import static dev.stockpot.merge.method.Vectors.map;
import static dev.stockpot.merge.method.Vectors.mean;
import static dev.stockpot.merge.method.Vectors.norm;
import static dev.stockpot.merge.method.Vectors.sub;
import static dev.stockpot.merge.method.Vectors.sum;
import static dev.stockpot.merge.method.Vectors.times;
import static dev.stockpot.merge.method.Vectors.zip;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Merge methods as their papers and mergekit state them, on whole tensors in F64. The base, where there is one, is last. */
final class Oracles {
    private Oracles() {}

    static double[] slerp(double t, double[] x, double[] y) {
        double c = dot(x, y) / (norm(x) * norm(y));
        if (Math.abs(c) > 0.9995) {
            return sum(new double[] {1 - t, t}, x, y);
        }
        return arc(Math.acos(c), t, x, y);
    }

    private static double[] arc(double angle, double t, double[] x, double[] y) {
        return sum(
                new double[] {Math.sin((1 - t) * angle) / Math.sin(angle), Math.sin(t * angle) / Math.sin(angle)},
                x,
                y);
    }

    static double[] nuslerp(double w0, double w1, double[] x, double[] y) {
        double c = Math.max(-1, Math.min(1, dot(times(1 / norm(x), x), times(1 / norm(y), y))));
        return arc(Math.acos(c), w1 / (w0 + w1), x, y);
    }

    /** With the step along the tangent, which mergekit has. */
    static double[] multislerp(double[] weights, double[]... x) {
        double eps = 1e-8;
        double all = Arrays.stream(weights).sum();
        double[] w = map(weights, v -> v / all);
        double[][] unit =
                Arrays.stream(x).map(v -> times(1 / (norm(v) + eps), v)).toArray(double[][]::new);
        double[] m = sum(w, unit);
        double[] direction = times(1 / norm(m), m);
        double[] tangent = new double[m.length];
        double length = 0;
        for (int k = 0; k < x.length; k++) {
            double[] across = sub(unit[k], times(dot(unit[k], direction), direction));
            tangent = add(tangent, times(w[k], across));
            length += w[k] * norm(x[k]);
        }
        double size = norm(tangent) + eps;
        return times(length, add(times(Math.cos(size), direction), times(Math.sin(size) / size, tangent)));
    }

    static double[] karcher(double[]... x) {
        double tol = 1e-5;
        double[][] unit = Arrays.stream(x).map(v -> times(1 / norm(v), v)).toArray(double[][]::new);
        double[] u = mean(unit);
        u = times(1 / norm(u), u);
        for (int step = 0; step < 10; step++) {
            double[] tangent = new double[u.length];
            for (double[] v : unit) {
                double c = Math.max(-1, Math.min(1, dot(u, v)));
                double angle = Math.acos(c);
                if (angle >= tol) {
                    double[] log = times(angle / Math.sin(angle), sub(v, times(c, u)));
                    tangent = add(tangent, times(1.0 / x.length, log));
                }
            }
            double size = norm(tangent);
            if (size < tol) {
                break;
            }
            u = add(times(Math.cos(size), u), times(Math.sin(size) / size, tangent));
            u = times(1 / norm(u), u);
        }
        return times(Arrays.stream(x).mapToDouble(Vectors::norm).average().orElseThrow(), u);
    }

    static double[] modelStock(double[]... sources) {
        double[] base = sources[sources.length - 1];
        int n = sources.length - 1;
        double[][] x = Arrays.copyOf(sources, n);
        double cosines = 0;
        for (int i = 0; i < n; i++) {
            for (int j = i + 1; j < n; j++) {
                double[] a = sub(x[i], base);
                double[] b = sub(x[j], base);
                cosines += dot(a, b) / Math.max(norm(a) * norm(b), 1e-6);
            }
        }
        double c = cosines / (n * (n - 1) / 2.0);
        double t = n * c / (1 + (n - 1) * c);
        return add(times(t, mean(x)), times(1 - t, base));
    }

    /** Weiszfeld's iteration on the points themselves. */
    static double[] geometricMedian(int steps, double[]... x) {
        double[] at = mean(x);
        for (int step = 0; step < steps; step++) {
            double[] point = at;
            double[] near =
                    Arrays.stream(x).mapToDouble(v -> 1 / norm(sub(v, point))).toArray();
            at = times(1 / Arrays.stream(near).sum(), sum(near, x));
        }
        return at;
    }

    /** What is made of deltas that are sparse already. */
    record Mixing(double[] weights, boolean elects, boolean normalizes, double lambda) {
        double[] of(double[] base, double[][] kept) {
            double[] result = base.clone();
            for (int i = 0; i < base.length; i++) {
                double all = 0;
                for (int k = 0; k < kept.length; k++) {
                    all += weights[k] * kept[k][i];
                }
                double sum = 0;
                double divisor = 0;
                for (int k = 0; k < kept.length; k++) {
                    double part = weights[k] * kept[k][i];
                    if (!elects || part != 0 && part > 0 == all >= 0) {
                        sum += part;
                        divisor += weights[k];
                    }
                }
                result[i] += lambda * (normalizes && divisor != 0 ? sum / divisor : sum);
            }
            return result;
        }
    }

    /** Makes up for what a mask leaves out by the sum of magnitudes. */
    static double[] rescaled(double[] delta, double[] kept) {
        double factor = Arrays.stream(delta).map(Math::abs).sum()
                / Arrays.stream(kept).map(Math::abs).sum();
        return times(factor, kept);
    }

    static double[] magnitude(double density, double[] delta) {
        return Vectors.ranks(delta, 0, (int) (density * delta.length));
    }

    static double[] outliers(double density, double gamma, double[] delta) {
        int top = (int) (gamma * delta.length);
        return Vectors.ranks(delta, top, top + (int) (density * delta.length));
    }

    static double[] random(double density, long seed, int model, double[] delta) {
        return IntStream.range(0, delta.length)
                .mapToDouble(i -> RandomNumbers.of(seed, "a.weight", model, i) < density ? delta[i] : 0)
                .toArray();
    }

    static double[] ranked(double density, double epsilon, long seed, int model, int row, double[] delta) {
        double[] kept = new double[delta.length];
        for (int first = 0; first < delta.length; first += row) {
            double[] values = Arrays.copyOfRange(delta, first, first + row);
            Integer[] order = Vectors.byMagnitude(values);
            for (int place = 0; place < row; place++) {
                int i = first + order[row - 1 - place];
                double chance = density - epsilon + 2 * epsilon * place / (row - 1);
                kept[i] = RandomNumbers.of(seed, "a.weight", model, i) < chance ? delta[i] : 0;
            }
        }
        return kept;
    }

    static double[] sce(double topk, double[] base, double[][] delta) {
        int n = delta.length;
        double[] center = mean(delta);
        double[] variance = new double[base.length];
        for (double[] d : delta) {
            variance = add(variance, map(sub(d, center), v -> v * v / n));
        }
        double[] varies = variance;
        int kept = (int) (topk * Arrays.stream(varies).filter(v -> v != 0).count());
        double[] selected = topk < 1 ? Vectors.ranks(varies, 0, kept) : map(varies, v -> 1);
        double[][] masked = Arrays.stream(delta)
                .map(d -> zip(selected, d, (s, v) -> s == 0 ? 0 : v))
                .toArray(double[][]::new);
        double[] energy =
                Arrays.stream(masked).mapToDouble(d -> dot(d, d) / d.length).toArray();
        double all = Arrays.stream(energy).sum();
        double[] weights = map(energy, e -> all < 1e-6 ? 1.0 / n : e / all);
        double[] result = base.clone();
        for (int i = 0; i < base.length; i++) {
            double total = 0;
            for (double[] d : masked) {
                total += d[i];
            }
            double sum = 0;
            double divisor = 0;
            for (int k = 0; k < n; k++) {
                boolean agrees = masked[k][i] != 0 && masked[k][i] > 0 == total >= 0;
                sum += agrees ? weights[k] * masked[k][i] : 0;
                divisor += agrees ? weights[k] : 0;
            }
            result[i] += sum / Math.max(divisor, 1e-6);
        }
        return result;
    }

    static double[] arcee(int row, double[] x, double[] base) {
        double[] importance = new double[x.length];
        for (int r = 0; r < x.length / row; r++) {
            double[][] both = Vectors.rows(r, row, x, base);
            double[] p = softmax(both[0]);
            double[] q = softmax(both[1]);
            double divergence =
                    Arrays.stream(zip(p, q, (a, b) -> a * Math.log(a / b))).sum();
            for (int i = 0; i < row; i++) {
                importance[r * row + i] = Math.abs(both[0][i] - both[1][i]) * divergence;
            }
        }
        double[] sorted = Arrays.stream(importance).sorted().toArray();
        int last = sorted.length - 1;
        double range = sorted[(int) (0.75 * last)] - sorted[(int) (0.25 * last)];
        double threshold = sorted[(int) (0.5 * last)] + 1.5 * range;
        return IntStream.range(0, x.length)
                .mapToDouble(i -> importance[i] >= threshold ? x[i] : base[i])
                .toArray();
    }

    private static double[] softmax(double[] x) {
        double[] e = map(x, Math::exp);
        double sum = Arrays.stream(e).sum();
        return map(e, v -> v / sum + 1e-8);
    }

    /** @param r what unique changes are strengthened by; 0 for none */
    static double[] ram(double r, double alpha, double[] base, double[][] delta) {
        double epsilon = 0.05;
        int n = delta.length;
        double[] unique = new double[n];
        double[] shared = new double[n];
        int[] active = new int[base.length];
        for (int i = 0; i < base.length; i++) {
            for (double[] d : delta) {
                active[i] += Math.abs(d[i]) > epsilon ? 1 : 0;
            }
            for (int k = 0; k < n; k++) {
                if (Math.abs(delta[k][i]) > epsilon) {
                    (active[i] == 1 ? unique : shared)[k]++;
                }
            }
        }
        double[] result = base.clone();
        for (int i = 0; i < base.length; i++) {
            for (int k = 0; k < n; k++) {
                double overlap = Math.min(alpha, shared[k] / Math.max(unique[k], epsilon));
                double factor = active[i] == 1 ? 1 + r * overlap : 1;
                result[i] += Math.abs(delta[k][i]) > epsilon ? factor * delta[k][i] / active[i] : 0;
            }
        }
        return result;
    }
}
