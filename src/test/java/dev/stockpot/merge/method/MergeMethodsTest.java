package dev.stockpot.merge.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.merge.MergeMethod;
import dev.stockpot.merge.Parameter;
import dev.stockpot.run.Isa;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests merge methods: what holds for all of them, and each against a plain restatement of what it computes. */
class MergeMethodsTest {
    static List<String> names() {
        return MergeMethods.names();
    }

    /** A method with as many models as it takes, and values for what has none. */
    static Merges sample(String name, long... shape) {
        Merges merge = Merges.of(name, shape);
        MergeMethod method = MergeMethods.named(name).orElseThrow();
        for (Parameter parameter : method.parameters()) {
            if (parameter.otherwise().isEmpty()) {
                merge.with(parameter.name(), parameter.name().equals("t") ? new double[] {0.3} : new double[] {0.5});
            }
            if (parameter.name().equals("density")) {
                merge.with("density", 0.5);
            }
        }
        return merge;
    }

    static int sources(String name) {
        MergeMethod method = MergeMethods.named(name).orElseThrow();
        boolean base = method.base() == MergeMethod.Base.REQUIRED;
        return Math.min(method.most(), 3) + (base ? 1 : 0);
    }

    static double[][] models(Random random, int count, int elements, double spread) {
        double[] base = random.doubles(elements, -1, 1).map(x -> (float) x).toArray();
        double[][] models = new double[count][];
        for (int k = 0; k < count - 1; k++) {
            models[k] = Arrays.stream(base)
                    .map(x -> (float) (x + spread * random.nextGaussian()))
                    .toArray();
        }
        models[count - 1] = base;
        return models;
    }

    @ParameterizedTest
    @MethodSource("names")
    void bitsDependOnNeitherKernelsThreadsNorTiles(String name) throws InterruptedException {
        for (long[] shape : new long[][] {{1}, {5000}, {300, 1100}, {7, 30, 50}}) {
            int elements = (int) Arrays.stream(shape).reduce(1, (a, b) -> a * b);
            double[][] models = models(new Random(1), sources(name), elements, 0.1);
            for (DType dtype : List.of(DType.F32, DType.BF16)) {
                ByteBuffer expected = sample(name, shape).of(dtype, dtype).bytes(Isa.JAVA, 1, 1 << 21, models);
                for (Isa isa : List.of(Isa.SCALAR, Isa.AUTO)) {
                    assertEquals(
                            expected,
                            sample(name, shape).of(dtype, dtype).bytes(isa, 3, 1 << 16, models),
                            () -> isa + " " + Arrays.toString(shape) + " " + dtype);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void equalModelsGiveThatModel(String name) throws InterruptedException {
        double[] model = models(new Random(2), 1, 2000, 0)[0];
        double[][] models = new double[sources(name)][];
        Arrays.fill(models, model);
        Merges merge = sample(name, 40, 50);
        double[] weights = new double[sources(name)];
        Arrays.fill(weights, 1.0);
        double[] merged = merge.of(models);
        assertArrayEquals(model, merged, 3e-7, name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void aPowerOfTwoScalesTheResult(String name) throws InterruptedException {
        if (List.of("nearswap", "ram", "ramplus_tl", "sce", "karcher").contains(name)) {
            return; // They have limits in absolute numbers.
        }
        double[][] models = models(new Random(3), sources(name), 2000, 0.3);
        double[][] larger = Arrays.stream(models)
                .map(m -> Arrays.stream(m).map(x -> 4 * x).toArray())
                .toArray(double[][]::new);
        double[] merged = sample(name, 40, 50).of(models);
        double[] scaled = sample(name, 40, 50).of(larger);
        if (!name.equals("arcee_fusion")) { // Its softmax does not scale.
            assertArrayEquals(Arrays.stream(merged).map(x -> 4 * x).toArray(), scaled, 1e-6, name);
        }
    }

    @Test
    void tiesWithoutLossOfOneModelIsThatModel() throws InterruptedException {
        double[][] models = models(new Random(4), 2, 3000, 0.01);
        double[] merged =
                Merges.of("ties", 3000).with("weight", 1).with("density", 1).of(models);
        assertArrayEquals(models[0], merged, 1e-7);
    }

    /** TIES by sorting: BF16 deltas, many of which are equal in magnitude where the line is drawn. */
    @Test
    void tiesKeepsTheLargestAndOfEqualOnesTheFirst() throws InterruptedException {
        Random random = new Random(5);
        int n = 300_000;
        double[][] models = new double[4][n];
        for (int i = 0; i < n; i++) {
            models[3][i] = random.nextInt(64) / 64.0;
            for (int k = 0; k < 3; k++) {
                models[k][i] = models[3][i] + (random.nextInt(33) - 16) / 64.0;
            }
        }
        double[] density = {0.5, 0.31, 0.8};
        double[] weight = {0.5, -0.25, 1};
        double[] merged = Merges.of("ties", n)
                .of(DType.BF16, DType.F32)
                .with("weight", weight)
                .with("density", density)
                .of(models);
        double[][] kept = new double[3][n];
        for (int k = 0; k < 3; k++) {
            double[] delta = new double[n];
            Integer[] order = new Integer[n];
            for (int i = 0; i < n; i++) {
                delta[i] = models[k][i] - models[3][i];
                order[i] = i;
            }
            Arrays.sort(order, (a, b) -> Double.compare(Math.abs(delta[b]), Math.abs(delta[a]))); // Stable.
            for (int r = 0; r < (int) (density[k] * n); r++) {
                kept[k][order[r]] = delta[order[r]];
            }
        }
        for (int i = 0; i < n; i++) {
            double sum = 0;
            for (int k = 0; k < 3; k++) {
                sum += weight[k] * kept[k][i];
            }
            double mixed = 0;
            double divisor = 0;
            for (int k = 0; k < 3; k++) {
                double part = weight[k] * kept[k][i];
                if (part != 0 && part < 0 == sum < 0) {
                    mixed += part;
                    divisor += weight[k];
                }
            }
            double expected = models[3][i] + mixed / (divisor == 0 ? 1 : divisor);
            assertEquals(expected, merged[i], 2e-6, "element " + i);
        }
    }

    @Test
    void aTinyTensorKeepsAnElement() throws InterruptedException {
        double[] merged =
                Merges.of("ties", 1).with("weight", 1).with("density", 0.2).of(new double[] {3}, new double[] {1});
        assertArrayEquals(new double[] {3}, merged);
        // Breadcrumbs leave out the largest hundredth, which is no element here.
        merged = Merges.of("breadcrumbs", 4)
                .with("weight", 1)
                .with("density", 0.5)
                .of(new double[] {9, 2, 3, 1}, new double[4]);
        assertArrayEquals(new double[] {9, 0, 3, 0}, merged);
    }

    @Test
    void breadcrumbsLeaveOutBothEnds() throws InterruptedException {
        double[] model = IntStream.rangeClosed(1, 1000).mapToDouble(i -> i).toArray();
        double[] merged = Merges.of("breadcrumbs", 1000)
                .with("weight", 1)
                .with("density", 0.3)
                .with("gamma", 0.1)
                .of(model, new double[1000]);
        for (int i = 0; i < 1000; i++) {
            assertEquals(i >= 600 && i < 900 ? i + 1 : 0, merged[i]);
        }
    }

    @Test
    void dareKeepsItsShareAndTheSumOfMagnitudes() throws InterruptedException {
        int n = 200_000;
        double[] model = new Random(6).doubles(n, 0.5, 1.5).map(x -> (float) x).toArray();
        for (double density : new double[] {0.1, 0.53, 0.9}) {
            double[] merged = Merges.of("dare_linear", n)
                    .with("weight", 1)
                    .with("density", density)
                    .of(model, new double[n]);
            double kept = Arrays.stream(merged).filter(x -> x != 0).count() / (double) n;
            assertEquals(density, kept, 5 * Math.sqrt(density * (1 - density) / n));
            double sum = Arrays.stream(model).sum();
            assertEquals(sum, Arrays.stream(merged).sum(), sum * 1e-6);
        }
    }

    @Test
    void masksDependOnSeedAndModelAlone() throws InterruptedException {
        double[] ones = new double[1000];
        Arrays.fill(ones, 1);
        double[][] sources = {ones, ones, new double[1000]};
        Merges first = Merges.of("dare_linear", 1000)
                .with("weight", 1, 0)
                .with("density", 0.5)
                .with("rescale", 0);
        Merges second = Merges.of("dare_linear", 1000)
                .with("weight", 0, 1)
                .with("density", 0.5)
                .with("rescale", 0);
        double[] merged = first.of(sources);
        assertArrayEquals(merged, first.of(sources));
        assertTrue(!Arrays.equals(merged, second.of(sources)), "each model has a mask of its own");
        assertTrue(!Arrays.equals(merged, first.seed(1).of(sources)), "another seed is another mask");
    }

    @Test
    void dellaKeepsLargeElementsMoreOften() throws InterruptedException {
        int rows = 2000;
        int length = 50;
        double[] model = new double[rows * length];
        Random random = new Random(7);
        for (int r = 0; r < rows; r++) {
            List<Double> row = new java.util.ArrayList<>(
                    IntStream.rangeClosed(1, length).mapToObj(Double::valueOf).toList());
            java.util.Collections.shuffle(row, random);
            for (int i = 0; i < length; i++) {
                model[r * length + i] = row.get(i);
            }
        }
        double[] merged = Merges.of("della_linear", rows, length)
                .with("weight", 1)
                .with("density", 0.5)
                .with("epsilon", 0.3)
                .with("rescale", 0)
                .of(model, new double[model.length]);
        int[] kept = new int[length];
        for (int i = 0; i < model.length; i++) {
            kept[(int) model[i] - 1] += merged[i] != 0 ? 1 : 0;
        }
        for (int rank = 0; rank < length; rank++) {
            double chance = 0.2 + 0.6 * rank / (length - 1.0);
            assertEquals(chance, kept[rank] / (double) rows, 5 * Math.sqrt(chance * (1 - chance) / rows));
        }
    }
}
