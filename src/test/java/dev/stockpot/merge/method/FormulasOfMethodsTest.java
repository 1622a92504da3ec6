package dev.stockpot.merge.method;

import static dev.stockpot.merge.method.Vectors.add;
import static dev.stockpot.merge.method.Vectors.sub;
import static dev.stockpot.merge.method.Vectors.times;
import static dev.stockpot.merge.method.Vectors.zip;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method against its formula, restated on whole tensors in F64. */
class FormulasOfMethodsTest {
    private static final int ROWS = 24;
    private static final int ROW = 50;
    private static final int N = ROWS * ROW;
    private static final double[] WEIGHTS = {0.5, 0.3, 0.4};
    private static final long SEED = 11;

    /** Fine-tunes of a base: elements that differ much, little or not at all. */
    private static final double[] BASE = random(0, 1);

    private static final double[][] DELTAS = {random(1, 0.4), sparse(random(2, 0.3)), random(3, 0.04)};
    private static final double[][] X = {add(BASE, DELTAS[0]), add(BASE, DELTAS[1]), add(BASE, DELTAS[2])};

    /** Values that F32 holds exactly, as their sums do. */
    private static double[] random(long seed, double spread) {
        Random random = new Random(seed);
        return IntStream.range(0, N)
                .mapToDouble(i -> Math.rint(random.nextGaussian() * spread * (1 << 18)) / (1 << 18))
                .toArray();
    }

    private static double[] sparse(double[] x) {
        return IntStream.range(0, N).mapToDouble(i -> i % 3 == 0 ? 0 : x[i]).toArray();
    }

    /** A merge and what it should give. */
    record Case(String name, Merges merge, double[][] sources, double[] expected) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static final double[][] ON_BASE = {X[0], X[1], X[2], BASE};
    private static final double[][] TWO = {X[0], X[1]};

    private static Merges merge(String name) {
        return Merges.of(name, ROWS, ROW).seed(SEED);
    }

    private static Merges weighted(String name) {
        return merge(name).with("weight", WEIGHTS);
    }

    private static Case of(String name, Merges merge, double[][] sources, double[] expected) {
        return new Case(name, merge, sources, expected);
    }

    static List<Case> cases() {
        List<Case> all = new ArrayList<>();
        all.addAll(weightedSums());
        all.addAll(sparseDeltas());
        all.addAll(others());
        return all;
    }

    /** By row, or by column of the turned tensor. */
    private static double[] byRow(int length, double[] base, double[]... x) {
        double[] made = new double[N];
        for (int r = 0; r < N / length; r++) {
            double[][] rows = Vectors.rows(r, length, x[0], x[1], base);
            double[] row = add(rows[2], Oracles.nuslerp(3, 1, sub(rows[0], rows[2]), sub(rows[1], rows[2])));
            System.arraycopy(row, 0, made, r * length, length);
        }
        return made;
    }

    private static List<Case> weightedSums() {
        double[] sum = Vectors.sum(WEIGHTS, X);
        double[] rows = new double[N];
        for (int r = 0; r < ROWS; r++) {
            double[] row = Oracles.modelStock(Vectors.rows(r, ROW, ON_BASE));
            System.arraycopy(row, 0, rows, r * ROW, ROW);
        }
        double[] turned = Vectors.transposed(
                byRow(
                        ROWS,
                        Vectors.transposed(BASE, ROW),
                        Vectors.transposed(X[0], ROW),
                        Vectors.transposed(X[1], ROW)),
                ROWS);
        double[] near = add(X[0], times(0.01, DELTAS[1]));
        return List.of(
                of("linear", weighted("linear"), X, times(1 / 1.2, sum)),
                of("linear", weighted("linear").with("normalize", 0), X, sum),
                of("passthrough", merge("passthrough").with("scale", -0.5), new double[][] {X[0]}, times(-0.5, X[0])),
                of("slerp", merge("slerp").with("t", 0.3), TWO, Oracles.slerp(0.3, X[0], X[1])),
                of("slerp", merge("slerp").with("t", 0.3), new double[][] {X[0], near}, Oracles.slerp(0.3, X[0], near)),
                of("nuslerp", merge("nuslerp").with("weight", 3, 1), TWO, Oracles.nuslerp(3, 1, X[0], X[1])),
                of(
                        "nuslerp",
                        merge("nuslerp").with("weight", 3, 1).with("base").with("nuslerp_flatten", 0),
                        new double[][] {X[0], X[1], BASE},
                        byRow(ROW, BASE, TWO)),
                of(
                        "nuslerp",
                        merge("nuslerp")
                                .with("weight", 3, 1)
                                .with("base")
                                .with("nuslerp_flatten", 0)
                                .with("nuslerp_row_wise", 1),
                        new double[][] {X[0], X[1], BASE},
                        turned),
                of("multislerp", weighted("multislerp"), X, Oracles.multislerp(WEIGHTS, X)),
                of(
                        "multislerp",
                        weighted("multislerp").with("base"),
                        ON_BASE,
                        add(BASE, Oracles.multislerp(WEIGHTS, DELTAS))),
                of("karcher", merge("karcher"), X, Oracles.karcher(X)),
                of("karcher", merge("karcher"), DELTAS, Oracles.karcher(DELTAS)),
                of("model_stock", merge("model_stock"), ON_BASE, Oracles.modelStock(ON_BASE)),
                of("model_stock", merge("model_stock").with("filter_wise", 1), ON_BASE, rows),
                of(
                        "geometric_median",
                        merge("geometric_median").with("max_iter", 7).with("tol", 0),
                        X,
                        Oracles.geometricMedian(7, X)));
    }

    private static double[] mixed(boolean elects, boolean normalizes, double lambda, double[]... kept) {
        return new Oracles.Mixing(WEIGHTS, elects, normalizes, lambda).of(BASE, kept);
    }

    private static double[][] kept(IntFunction<double[]> of) {
        return IntStream.range(0, 3).mapToObj(of).toArray(double[][]::new);
    }

    private static List<Case> sparseDeltas() {
        double[] density = {0.2, 0.5, 0.9};
        double[][] large = kept(k -> Oracles.magnitude(density[k], DELTAS[k]));
        double[][] middle = kept(k -> Oracles.outliers(density[k] / 2, 0.1, DELTAS[k]));
        double[][] drawn = kept(k -> Oracles.random(density[k], SEED, k, DELTAS[k]));
        double[][] rescaled = kept(k -> Oracles.rescaled(DELTAS[k], drawn[k]));
        double[][] ranked =
                kept(k -> Oracles.rescaled(DELTAS[k], Oracles.ranked(0.3 + 0.2 * k, 0.15, SEED, k, ROW, DELTAS[k])));
        UnaryOperator<Merges> halves = m -> m.with("density", 0.1, 0.25, 0.45).with("gamma", 0.1);
        UnaryOperator<Merges> thirds = m -> m.with("density", 0.3, 0.5, 0.7);
        double[] ones = {1, 1, 1};
        return List.of(
                of("task_arithmetic", weighted("task_arithmetic"), ON_BASE, mixed(false, false, 1, DELTAS)),
                of(
                        "task_arithmetic",
                        weighted("task_arithmetic").with("normalize", 1).with("lambda", 0.7),
                        ON_BASE,
                        mixed(false, true, 0.7, DELTAS)),
                of("ties", weighted("ties").with("density", density), ON_BASE, mixed(true, true, 1, large)),
                of(
                        "ties",
                        weighted("ties")
                                .with("density", density)
                                .with("normalize", 0)
                                .with("lambda", 1.5),
                        ON_BASE,
                        mixed(true, false, 1.5, large)),
                of(
                        "ties",
                        weighted("ties").with("density", density).with("count_votes", 1),
                        ON_BASE,
                        new Oracles.Mixing(ones, true, true, 1).of(BASE, large)),
                of(
                        "ties",
                        weighted("ties").with("density", density).with("rescale", 2),
                        ON_BASE,
                        mixed(true, true, 1, kept(k -> times(1 / density[k], large[k])))),
                of(
                        "dare_linear",
                        weighted("dare_linear").with("density", density),
                        ON_BASE,
                        mixed(false, false, 1, rescaled)),
                of(
                        "dare_ties",
                        weighted("dare_ties").with("density", density),
                        ON_BASE,
                        mixed(true, false, 1, rescaled)),
                of(
                        "dare_ties",
                        weighted("dare_ties").with("density", density).with("rescale", 0),
                        ON_BASE,
                        mixed(true, false, 1, drawn)),
                of("breadcrumbs", halves.apply(weighted("breadcrumbs")), ON_BASE, mixed(false, false, 1, middle)),
                of(
                        "breadcrumbs_ties",
                        halves.apply(weighted("breadcrumbs_ties")),
                        ON_BASE,
                        mixed(true, false, 1, middle)),
                of("della", thirds.apply(weighted("della")), ON_BASE, mixed(true, true, 1, ranked)),
                of("della_linear", thirds.apply(weighted("della_linear")), ON_BASE, mixed(false, false, 1, ranked)));
    }

    private static double[] eachElement(ToDoubleFunction<double[]> of) {
        return IntStream.range(0, N)
                .mapToDouble(i -> of.applyAsDouble(
                        Arrays.stream(X).mapToDouble(x -> x[i]).sorted().toArray()))
                .toArray();
    }

    private static List<Case> others() {
        double[] total = Vectors.sum(new double[] {1, 1, 1}, DELTAS);
        double[] elected = IntStream.range(0, N)
                .mapToDouble(i -> Arrays.stream(DELTAS)
                        .mapToDouble(d -> d[i])
                        .filter(d -> d != 0 && d > 0 == total[i] >= 0)
                        .reduce(0, (a, b) -> Math.abs(b) > Math.abs(a) ? b : a))
                .toArray();
        double[][] one = {X[0], BASE};
        double[] moved = add(BASE, Vectors.map(DELTAS[0], d -> Math.max(-0.2, Math.min(0.2, d))));
        return List.of(
                of("sce", merge("sce"), ON_BASE, Oracles.sce(1, BASE, DELTAS)),
                of("sce", merge("sce").with("select_topk", 0.3), ON_BASE, Oracles.sce(0.3, BASE, DELTAS)),
                of("nearswap", merge("nearswap").with("t", 0.2), one, moved),
                of("arcee_fusion", merge("arcee_fusion"), one, Oracles.arcee(ROW, X[0], BASE)),
                of("ram", merge("ram").with("epsilon", 0.05), ON_BASE, Oracles.ram(0, 0, BASE, DELTAS)),
                of(
                        "ramplus_tl",
                        merge("ramplus_tl").with("epsilon", 0.05).with("alpha", 3),
                        ON_BASE,
                        Oracles.ram(0.1, 3, BASE, DELTAS)),
                of(
                        "add_difference",
                        merge("add_difference").with("weight", 0.6),
                        new double[][] {X[0], X[1], BASE},
                        add(X[0], times(0.6, DELTAS[1]))),
                of(
                        "elected_maximum",
                        merge("elected_maximum").with("lambda", 0.8),
                        ON_BASE,
                        add(BASE, times(0.8, elected))),
                of("median", merge("median"), X, eachElement(x -> x[1])),
                of("median", merge("median"), TWO, zip(X[0], X[1], (a, b) -> (a + b) / 2)),
                of("trimmed_mean", merge("trimmed_mean"), ON_BASE, trimmed()));
    }

    /** Of four: the two in the middle. */
    private static double[] trimmed() {
        return IntStream.range(0, N)
                .mapToDouble(i -> {
                    double[] x = Arrays.stream(ON_BASE)
                            .mapToDouble(m -> m[i])
                            .sorted()
                            .toArray();
                    return (x[1] + x[2]) / 2;
                })
                .toArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void givesWhatItsFormulaGives(Case merge) throws InterruptedException {
        double largest = Arrays.stream(merge.expected()).map(Math::abs).max().orElseThrow();
        assertArrayEquals(merge.expected(), merge.merge().of(merge.sources()), 2e-7 * largest);
    }

    @Test
    void noMethodIsLeftOut() {
        Set<String> tested = new HashSet<>();
        cases().forEach(merge -> tested.add(merge.name()));
        assertEquals(new HashSet<>(MergeMethods.names()), tested);
    }
}
