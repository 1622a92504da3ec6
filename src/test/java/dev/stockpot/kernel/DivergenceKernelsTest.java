package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** Tests that every kernel measures divergences with the bits of {@link JavaKernels}, and that those are what they should be. */
class DivergenceKernelsTest {
    private static final Set<Divergence.Step> ALL = EnumSet.allOf(Divergence.Step.class);

    @Property(tries = 200)
    void everyKernelEqualsJava(
            @ForAll @IntRange(max = 5) int rows,
            @ForAll @IntRange(min = 1, max = 5000) int length,
            @ForAll @IntRange(max = 2) int kind,
            @ForAll long seed) {
        Random random = new Random(seed);
        double[] x = values(random, rows * length, kind);
        double[] y = values(random, rows * length, kind);
        double[] expected = Divergence.start(rows);
        measure(new JavaKernels(), x, y, rows, ALL, expected);
        for (Kernels kernels : KernelSelection.available()) {
            double[] states = Divergence.start(rows);
            measure(kernels, x, y, rows, ALL, states);
            assertArrayEquals(expected, states, kernels.name());
        }
    }

    private static double[] values(Random random, int count, int kind) {
        double[] special = {Double.NEGATIVE_INFINITY, Double.NaN, Double.POSITIVE_INFINITY, 1e308, -1e-310, 0};
        return fill(count, i -> {
            double x = random.nextGaussian();
            return switch (kind) {
                case 0 -> x;
                case 1 -> 100 * x * x * x;
                default -> random.nextInt(3 * count) < 2 ? special[random.nextInt(special.length)] : x;
            };
        });
    }

    private static double[] fill(int count, IntToDoubleFunction value) {
        return IntStream.range(0, count).mapToDouble(value).toArray();
    }

    /** Bit for bit, at every argument that has a branch of its own and around it. */
    @Test
    void exponentialsAreThoseOfStrictMath() {
        Random random = new Random(1);
        double[] edges = {0, -0x1p-28, -0.34657359, -1.0397207, -707.7, -709.1, -744.5, -745.1332191019411, -1e300};
        double[] x = fill(200_000, i -> {
            double edge = edges[i % edges.length];
            return switch (i / edges.length % 3) {
                case 0 -> -Math.abs(edge * (1 + random.nextGaussian() * 1e-7));
                case 1 -> -Math.abs(random.nextGaussian()) * Math.scalb(1, random.nextInt(60) - 50);
                default -> -750 * random.nextDouble();
            };
        });
        for (Kernels kernels : KernelSelection.available()) {
            double[] states = new double[x.length * Divergence.STATE];
            measure(kernels, x, x, x.length, EnumSet.of(Divergence.Step.SUMS), states);
            for (int i = 0; i < x.length; i++) {
                assertEquals(StrictMath.exp(x[i]), states[i * Divergence.STATE + 2], kernels.name() + " at " + x[i]);
            }
        }
    }

    @Test
    void logarithmsAreThoseOfStrictMath() {
        Random random = new Random(2);
        double[] x = fill(200_000, i -> -Math.abs(random.nextGaussian()) * (i % 4 == 0 ? 20 : i % 4 == 1 ? 1 : 1e-6));
        double[] y = fill(x.length, i -> i % 100 == 0 ? x[i] : -Math.abs(random.nextGaussian()) * (i % 3) * 1e-3);
        for (Kernels kernels : KernelSelection.available()) {
            double[] states = new double[x.length * Divergence.STATE];
            for (int i = 0; i < x.length; i++) {
                states[i * Divergence.STATE + 2] = 1.5;
                states[i * Divergence.STATE + 3] = 1.25;
            }
            measure(kernels, x, y, x.length, EnumSet.of(Divergence.Step.DIVERGENCE), states);
            for (int i = 0; i < x.length; i++) {
                double p = StrictMath.exp(x[i]) / 1.5 + 1e-8;
                double q = StrictMath.exp(y[i]) / 1.25 + 1e-8;
                double expected = p * StrictMath.log(p / q);
                assertEquals(expected + 0.0, states[i * Divergence.STATE + Divergence.RESULT], kernels.name());
            }
        }
    }

    @Test
    void partsOfARowInStepsGiveWhatAWholeRowGives() {
        Random random = new Random(3);
        double[] x = fill(5000, i -> random.nextGaussian());
        double[] y = fill(5000, i -> random.nextGaussian());
        for (Kernels kernels : KernelSelection.available()) {
            double[] whole = Divergence.start(1);
            measure(kernels, x, y, 1, ALL, whole);
            double[] parts = Divergence.start(1);
            for (Divergence.Step step : Divergence.Step.values()) {
                for (int from = 0; from < x.length; from += Dot.BLOCK) {
                    int to = Math.min(x.length, from + Dot.BLOCK);
                    measure(
                            kernels,
                            Arrays.copyOfRange(x, from, to),
                            Arrays.copyOfRange(y, from, to),
                            1,
                            EnumSet.of(step),
                            parts);
                }
            }
            assertArrayEquals(whole, parts, kernels.name());
        }
    }

    @Test
    void aDivergenceIsThatOfTheSoftmaxes() {
        double[] x = {1, 2, 3};
        double[] y = {3, 1, 0.5};
        double[] states = Divergence.start(1);
        measure(new JavaKernels(), x, y, 1, ALL, states);
        // By NumPy: p = exp(x) / sum + 1e-8, and sum(p * log(p / q)).
        assertEquals(1.5168977635260488, states[Divergence.RESULT], 1e-14);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        double[] x = new double[4];
        for (Kernels kernels : KernelSelection.available()) {
            assertThrows(IllegalArgumentException.class, () -> measure(kernels, x, x, 2, ALL, new double[5]));
            Operand narrow = new Operand(DType.F32, Memory.of(ByteBuffer.allocateDirect(64)), 0);
            Divergence call = new Divergence(narrow, narrow, 1, 4, ALL);
            assertThrows(IllegalArgumentException.class, () -> kernels.divergence(call, new double[5]));
            Divergence long5 = new Divergence(operand(x, false), operand(x, false), 1, 5, ALL);
            assertThrows(IndexOutOfBoundsException.class, () -> kernels.divergence(long5, new double[5]));
        }
    }

    private static void measure(
            Kernels kernels, double[] x, double[] y, int rows, Set<Divergence.Step> steps, double[] states) {
        int length = rows == 0 ? 1 : x.length / rows;
        boolean onHeap = length % 2 == 0;
        kernels.divergence(new Divergence(operand(x, onHeap), operand(y, onHeap), rows, length, steps), states);
    }

    private static Operand operand(double[] values, boolean onHeap) {
        int bytes = values.length * Double.BYTES;
        ByteBuffer buffer = onHeap ? ByteBuffer.allocate(bytes) : ByteBuffer.allocateDirect(bytes);
        buffer.order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer().put(values);
        return new Operand(DType.F64, Memory.of(buffer), 0);
    }
}
