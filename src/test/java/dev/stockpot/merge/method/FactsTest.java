package dev.stockpot.merge.method;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What methods tell about a tensor, against counts and formulas done by hand. */
class FactsTest {
    private static final double[] BASE = {0, 0, 0, 0};
    private static final double[] A = {4, 1, -2, 0};
    private static final double[] B = {2, -3, 5, 0};

    private static double[] normal(long seed, int n) {
        Random random = new Random(seed);
        return IntStream.range(0, n)
                .mapToDouble(i -> (float) random.nextGaussian())
                .toArray();
    }

    private static double number(Map<String, Object> facts, String name) {
        return (Double) facts.get(name);
    }

    @SuppressWarnings("unchecked")
    private static List<Double> byModel(Map<String, Object> facts, String name) {
        return (List<Double>) facts.get(name);
    }

    private static void assertByModel(double[] expected, Map<String, Object> facts, String name) {
        List<Double> values = byModel(facts, name);
        assertEquals(expected.length, values.size(), name);
        for (int k = 0; k < expected.length; k++) {
            assertEquals(expected[k], values.get(k), 1e-9, name + " " + values);
        }
    }

    @Test
    void slerpTellsTheCosineAndTheBranch() throws InterruptedException {
        Map<String, Object> far = Merges.of("slerp", 2).with("t", 0.25).facts(new double[] {1, 0}, new double[] {3, 4});
        assertEquals(0.6, number(far, "cosine"), 1e-12);
        assertEquals(0.25, number(far, "t"));
        assertEquals("slerp", far.get("branch"));
        double[] near = {1, 0.01};
        assertEquals(
                "lerp",
                Merges.of("slerp", 2)
                        .with("t", 0.25)
                        .facts(new double[] {1, 0}, near)
                        .get("branch"));
        Map<String, Object> none = Merges.of("slerp", 2).with("t", 0.25).facts(new double[2], near);
        assertTrue(Double.isNaN(number(none, "cosine")), "no length, no cosine: " + none);
        assertEquals("lerp", none.get("branch"));
    }

    /** Rows (1 0), (3 4) and (1 0), (2 0): cosines 0.6 and 1. */
    @Test
    void methodsByRowTellMeansAndExtremes() throws InterruptedException {
        Map<String, Object> facts = Merges.of("nuslerp", 2, 2)
                .with("weight", 3, 1)
                .with("nuslerp_flatten", 0)
                .facts(new double[] {1, 0, 1, 0}, new double[] {3, 4, 2, 0});
        assertEquals(0.8, number(facts, "cosine"), 1e-12);
        assertEquals(0.6, number(facts, "cosine_least"), 1e-12);
        assertEquals(1, number(facts, "cosine_most"), 1e-12);
        assertEquals(0.25, number(facts, "t"), 1e-12);
        assertEquals("both", facts.get("branch"));
    }

    /** Of deltas with a cosine of 0.6: t = 2 c / (1 + c). */
    @Test
    void modelStockTellsHowFarItGoes() throws InterruptedException {
        Map<String, Object> facts =
                Merges.of("model_stock", 2).facts(new double[] {2, 1}, new double[] {4, 5}, new double[] {1, 1});
        assertEquals(0.6, number(facts, "cosine"), 1e-12);
        assertEquals(0.75, number(facts, "t"), 1e-12);
    }

    @Test
    void meansOnTheSphereTellTheirWeights() throws InterruptedException {
        Map<String, Object> facts = Merges.of("karcher", 2).facts(new double[] {2, 0}, new double[] {0, 2});
        assertEquals(0, number(facts, "cosine"), 1e-12);
        assertEquals(0, number(facts, "iterations"));
        assertByModel(new double[] {Math.sqrt(0.5), Math.sqrt(0.5)}, facts, "weights");
        // Angles 0, 90 and 90 degrees: the mean of unit vectors is not where the angles' mean is.
        Map<String, Object> three =
                Merges.of("karcher", 2).facts(new double[] {1, 0}, new double[] {0, 1}, new double[] {0, 1});
        assertEquals(1 / 3.0, number(three, "cosine"), 1e-12);
        assertTrue(number(three, "iterations") >= 1);
        Map<String, Object> multi = Merges.of("multislerp", 2)
                .with("weight", 1)
                .with("eps", 0)
                .facts(new double[] {2, 0}, new double[] {0, 2});
        assertByModel(new double[] {Math.sqrt(0.5), Math.sqrt(0.5)}, multi, "weights");
    }

    @Test
    void theGeometricMedianTellsItsIterations() throws InterruptedException {
        Map<String, Object> facts = Merges.of("geometric_median", 1)
                .with("max_iter", 3)
                .facts(new double[] {0}, new double[] {1}, new double[] {10});
        assertEquals(3, number(facts, "iterations"));
        assertEquals(1, byModel(facts, "weights").stream().mapToDouble(w -> w).sum(), 1e-12);
    }

    /** A keeps 4 and -2, B -3 and 5; weighted 4 -2 and -1.5 2.5: at index 2 the sum is 0.5, with which A disagrees. */
    @Test
    void tiesTellsWhatItKeepsAndWhoAgrees() throws InterruptedException {
        Map<String, Object> facts =
                Merges.of("ties", 4).with("weight", 1, 0.5).with("density", 0.5).facts(A, B, BASE);
        assertByModel(new double[] {0.5, 0.5}, facts, "kept");
        assertByModel(new double[] {0.5, 1}, facts, "sign_agreement");
        Map<String, Object> restored = Merges.of("ties", 4)
                .with("weight", 1, 0.5)
                .with("density", 0.5, 0)
                .with("rescale", 1)
                .facts(A, B, BASE);
        assertByModel(new double[] {0.5, 0}, restored, "kept");
        assertByModel(new double[] {7 / 6.0, 1}, restored, "rescale");
        assertTrue(byModel(restored, "sign_agreement").get(1).isNaN(), "of nothing: " + restored);
    }

    /** With density 1 nothing but the elements is made: weights 1, 1 give 6 -2 3 0, and 3 of 6 non-zero elements disagree. */
    @Test
    void electionsAreCountedWithoutAPassOfTheirOwn() throws InterruptedException {
        Map<String, Object> facts = Merges.of("ties", 4).with("weight", 1).facts(A, B, BASE);
        assertByModel(new double[] {1, 1}, facts, "kept");
        assertByModel(new double[] {1 / 3.0, 1}, facts, "sign_agreement");
        assertByModel(new double[] {1 / 3.0, 1}, Merges.of("elected_maximum", 4).facts(A, B, BASE), "sign_agreement");
    }

    /** Whatever a random mask keeps shows in the result: one delta that is 0 nowhere. */
    @ParameterizedTest
    @CsvSource({"dare_linear,0.3", "della_linear,0.4", "breadcrumbs,0.6"})
    void sharesAreThoseOfTheResult(String name, double density) throws InterruptedException {
        int n = 301_000;
        double[] model = normal(1, n);
        Merges merge = Merges.of(name, 301, 1000)
                .with("weight", 1)
                .with("density", density)
                .with("rescale", 1);
        double[] result = merge.of(model, new double[n]);
        double kept = Arrays.stream(result).filter(x -> x != 0).count() / (double) n;
        Map<String, Object> facts = merge.facts(model, new double[n]);
        assertByModel(new double[] {kept}, facts, "kept");
        assertEquals(density, kept, 0.01);
        double all = Arrays.stream(model).map(Math::abs).sum();
        double left = IntStream.range(0, n)
                .mapToDouble(i -> result[i] != 0 ? Math.abs(model[i]) : 0)
                .sum();
        assertByModel(new double[] {all / left}, facts, "rescale");
    }

    @Test
    void sceTellsItsWeights() throws InterruptedException {
        Map<String, Object> facts = Merges.of("sce", 4).facts(A, B, BASE);
        assertEquals(1, number(facts, "kept"));
        assertByModel(new double[] {21 / 59.0, 38 / 59.0}, facts, "weights");
        // Variances 1, 4, 49/4, 0: two of the three that are not 0 are kept; sums -2 and 3 there.
        Map<String, Object> two = Merges.of("sce", 4).with("select_topk", 0.7).facts(A, B, BASE);
        assertEquals(0.5, number(two, "kept"));
        assertByModel(new double[] {5 / 39.0, 34 / 39.0}, two, "weights");
        assertByModel(new double[] {0, 1}, two, "sign_agreement");
        assertEquals(0, number(Merges.of("sce", 4).with("select_topk", 0.1).facts(A, B, BASE), "kept"));
    }

    @Test
    void reinforcedMergesTellWhatChanged() throws InterruptedException {
        double[] b = {2, 0, 0, 0};
        assertByModel(new double[] {0.75, 0.25}, Merges.of("ram", 4).facts(A, b, BASE), "kept");
        Map<String, Object> plus = Merges.of("ramplus_tl", 4).facts(A, b, BASE);
        assertByModel(new double[] {0.75, 0.25}, plus, "kept");
        assertByModel(new double[] {0.5, 0}, plus, "unique");
        // Shared to unique: 1 to 2, and 1 to none, both above alpha = 0.2.
        assertByModel(new double[] {1.02, 1.02}, plus, "factor");
    }

    @Test
    void oneModelMethodsTellHowMuchTheyTake() throws InterruptedException {
        assertEquals(0.75, number(Merges.of("nearswap", 4).with("t", 3).facts(A, BASE), "taken"));
        double[] model = normal(2, 4000);
        double[] base = normal(3, 4000);
        Map<String, Object> facts = Merges.of("arcee_fusion", 40, 100).facts(model, base);
        double[] result = Merges.of("arcee_fusion", 40, 100).of(model, base);
        long taken = IntStream.range(0, 4000).filter(i -> result[i] != base[i]).count();
        assertEquals(taken / 4000.0, number(facts, "kept"));
    }

    @Test
    void whatNoValueDecidesTellsNothing() throws InterruptedException {
        assertEquals(Map.of(), Merges.of("linear", 4).with("weight", 1).facts(A, B));
        assertEquals(Map.of(), Merges.of("median", 4).facts(A, B));
        assertEquals(Map.of(), Merges.of("task_arithmetic", 4).with("weight", 1).facts(A, B, BASE));
    }
}
