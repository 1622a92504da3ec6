package dev.stockpot.merge.method;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Methods of which the result is known by thinking. */
class NamedMethodsTest {
    @Test
    void elementwiseMethodsAreWhatTheySay() throws InterruptedException {
        double[] a = {1, 5, -2, 0.5};
        double[] b = {2, 3, -7, 0.25};
        double[] c = {4, 4, -1, 0};
        assertArrayEquals(new double[] {2, 4, -2, 0.25}, Merges.of("median", 4).of(a, b, c));
        assertArrayEquals(
                new double[] {1.5, 4, -4.5, 0.375}, Merges.of("median", 4).of(a, b));
        assertArrayEquals(
                new double[] {2, 4, -2, 0.25}, Merges.of("trimmed_mean", 4).of(a, b, c));
        assertArrayEquals(
                new double[] {0, 4.5, -5, 0.625},
                Merges.of("add_difference", 4).with("weight", 0.5).of(a, b, c));
        // Deltas on c: -3 1 -1 .5 and -2 -1 -6 .25: the sums' signs are - + - +, 0 counting as +.
        assertArrayEquals(
                new double[] {1, 5, -7, 0.5}, Merges.of("elected_maximum", 4).of(a, b, c));
    }

    @Test
    void aTrimThatIsNoWholeNumberIsRefused() {
        Merges trimmed = Merges.of("trimmed_mean", 1).with("trim", 0.5);
        double[] one = {1};
        assertThrows(IllegalArgumentException.class, () -> trimmed.of(one, one, one));
    }

    @Test
    void everyMethodHasAFormula() {
        for (String name : MergeMethods.names()) {
            assertTrue(MergeMethods.formula(name).isPresent(), name);
        }
    }

    /** Of points on a line, the median of an odd number; of a triangle, the point that sees its sides at 120 degrees. */
    @Test
    void theGeometricMedianIsWhereDistancesAreLeast() throws InterruptedException {
        double[] inside = Merges.of("geometric_median", 2)
                .with("max_iter", 1000)
                .of(new double[] {0, 0}, new double[] {1, 0}, new double[] {0.5, Math.sqrt(3) / 2});
        assertArrayEquals(new double[] {0.5, Math.sqrt(3) / 6}, inside, 1e-6);
        double[] onLine = Merges.of("geometric_median", 1)
                .with("max_iter", 10_000)
                .of(new double[] {0}, new double[] {1}, new double[] {10});
        assertArrayEquals(new double[] {1}, onLine, 1e-3);
    }

    @Test
    void slerpOfAVectorWithoutLengthIsALine() throws InterruptedException {
        double[] merged = Merges.of("slerp", 2).with("t", 0.25).of(new double[2], new double[] {4, 8});
        assertArrayEquals(new double[] {1, 2}, merged);
    }

    @Test
    void slerpStaysOnTheSphere() throws InterruptedException {
        double[] merged = Merges.of("slerp", 2).with("t", 1 / 3.0).of(new double[] {1, 0}, new double[] {0, 1});
        assertArrayEquals(new double[] {Math.cos(Math.PI / 6), Math.sin(Math.PI / 6)}, merged, 1e-7);
    }

    @Test
    void modelStockOfOrthogonalDeltasIsTheBaseAndOfEqualOnesTheMean() throws InterruptedException {
        double[] base = {1, 1};
        assertArrayEquals(base, Merges.of("model_stock", 2).of(new double[] {2, 1}, new double[] {1, 2}, base), 1e-7);
        assertArrayEquals(
                new double[] {2, 3},
                Merges.of("model_stock", 2).of(new double[] {2, 3}, new double[] {2, 3}, base),
                1e-7);
    }

    @Test
    void karcherOfTwoIsHalfwayAndOfTheirLength() throws InterruptedException {
        double[] merged = Merges.of("karcher", 2).of(new double[] {2, 0}, new double[] {0, 2});
        assertArrayEquals(new double[] {Math.sqrt(2), Math.sqrt(2)}, merged, 1e-6);
    }

    @Test
    void weightsThatCancelOutAreAnError() {
        assertThrows(
                ArithmeticException.class,
                () -> Merges.of("linear", 1).with("weight", 1, -1).of(new double[1], new double[1]));
    }
}
