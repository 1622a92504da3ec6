package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.formula.RankWindow;
import dev.stockpot.kernel.cuda.CudaEmulator;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** Tests that every kernel runs formulas with the bits of {@link JavaKernels}, and that those are what the steps say. */
class FormulaKernelsTest {
    @Property(tries = 300)
    void anyFormulaEqualsJava(
            @ForAll @Size(min = 1, max = 5) List<@IntRange(max = 5) Integer> sources,
            @ForAll @IntRange(max = 5) int out,
            @ForAll @IntRange(max = 5000) int elements,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<Operand> operands = new ArrayList<>();
        for (int type : sources) {
            int shift = random.nextInt(9);
            DType dtype = RandomElements.DTYPES.get(type);
            ByteBuffer values = random.nextBoolean()
                    ? RandomElements.finite(random, dtype, elements, shift)
                    : RandomElements.fill(random, dtype, elements, shift);
            operands.add(new Operand(dtype, Memory.of(values), shift));
        }
        Formula formula = anyFormula(random, sources.size(), elements);
        long first = random.nextInt(3) == 0 ? (1L << 34) + random.nextInt(5000) : random.nextInt(5000);
        DType dtype = RandomElements.DTYPES.get(out);
        FormulaResult expected = FormulaResult.of(new JavaKernels(), formula, operands, dtype, first, elements);
        for (Kernels kernels : CudaEmulator.withCuda(KernelSelection.available())) {
            FormulaResult actual = FormulaResult.of(kernels, formula, operands, dtype, first, elements);
            expected.check(actual, kernels, formula);
        }
    }

    private static Formula anyFormula(Random random, int sources, int elements) {
        FormulaBuilder p = Formula.builder();
        if (random.nextBoolean()) {
            p.wide();
        }
        List<Value> values = new ArrayList<>();
        for (int k = 0; k < sources; k++) {
            values.add(p.source(k));
        }
        values.add(p.constant(0.3));
        values.add(p.constant(random.nextGaussian()));
        int steps = 1 + random.nextInt(25);
        for (int s = 0; s < steps; s++) {
            Value a = values.get(random.nextInt(values.size()));
            Value b = values.get(random.nextInt(values.size()));
            Value c = values.get(random.nextInt(values.size()));
            values.add(
                    switch (random.nextInt(15)) {
                        case 0 -> p.add(a, b);
                        case 1 -> p.sub(a, b);
                        case 2 -> p.mul(a, b);
                        case 3 -> p.div(a, b);
                        case 4 -> p.min(a, b);
                        case 5 -> p.max(a, b);
                        case 6 -> p.fma(a, b, c);
                        case 7 -> p.abs(a);
                        case 8 -> p.less(a, b);
                        case 9 -> p.atMost(a, b);
                        case 10 -> p.equal(a, b);
                        case 11 -> p.select(p.less(a, b), c, a);
                        case 12 -> p.within(a, anyWindow(random));
                        case 13 -> p.random(random.nextLong(), random.nextInt());
                        default ->
                            random.nextBoolean()
                                    ? p.byRow(
                                            random.doubles(1 + random.nextInt(9))
                                                    .toArray(),
                                            1 + random.nextInt(1500))
                                    : p.byColumn(random.doubles(1 + random.nextInt(3000))
                                            .toArray());
                    });
        }
        Value last = values.get(values.size() - 1);
        p.out(last);
        p.sum(last);
        p.dot(last, values.get(random.nextInt(values.size())));
        p.count(values.get(random.nextInt(values.size())));
        p.histogram(last, random.nextInt(0x7F800000), random.nextInt(20), 1 + random.nextInt(500));
        return p.build();
    }

    private static RankWindow anyWindow(Random random) {
        int above = random.nextBoolean() ? RankWindow.NONE : Float.floatToIntBits(random.nextFloat() * 4);
        int last = Float.floatToIntBits(random.nextFloat() / 4);
        return new RankWindow(above, random.nextInt(5000), last, random.nextInt(5000));
    }

    /** Ranks by sorting, as their definition says. */
    @Test
    void aWindowHoldsTheRanksThatASortGives() {
        Random random = new Random(7);
        int n = 3000;
        float[] x = new float[n];
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            x[i] = random.nextInt(40) - 20; // Many are equal.
            order.add(i);
        }
        order.sort((i, j) -> Math.abs(x[i]) != Math.abs(x[j]) ? Float.compare(Math.abs(x[j]), Math.abs(x[i])) : i - j);
        for (int[] window : new int[][] {{0, 1}, {0, n}, {0, 777}, {5, 20}, {300, 2000}, {2999, 3000}}) {
            Set<Integer> expected = new HashSet<>(order.subList(window[0], window[1]));
            int above = window[0] == 0 ? -1 : order.get(window[0] - 1);
            int last = order.get(window[1] - 1);
            RankWindow ranks = new RankWindow(
                    above < 0 ? RankWindow.NONE : JavaFormulas.pattern(x[above]),
                    above,
                    JavaFormulas.pattern(x[last]),
                    last);
            FormulaBuilder p = Formula.builder();
            p.out(p.within(p.source(0), ranks));
            FormulaResult kept = FormulaResult.of(new JavaKernels(), p.build(), List.of(floats(x)), DType.F32, 0, n);
            for (int i = 0; i < n; i++) {
                assertEquals(expected.contains(i) ? 1 : 0, FloatFormat.decode(DType.F32, kept.out(), 3 + 4 * i));
            }
        }
    }

    private static Operand floats(float[] x) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(4 * x.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : x) {
            bytes.putFloat(value);
        }
        return new Operand(DType.F32, Memory.of(bytes), 0);
    }

    /** A formula with sums, in plain Java that shares nothing with the formulas. */
    @Test
    void aProgramIsTheFormulaThatItSpells() {
        Random random = new Random(8);
        int n = 4500;
        float[] base = new float[n];
        float[] model = new float[n];
        for (int i = 0; i < n; i++) {
            base[i] = (float) random.nextGaussian();
            model[i] = base[i] + (float) random.nextGaussian() / 100;
        }
        FormulaBuilder p = Formula.builder();
        Value b = p.source(0);
        Value d = p.sub(p.source(1), b);
        Value large = p.less(p.constant(0.01), p.abs(d));
        p.out(p.fma(p.constant(0.7), p.mul(large, d), b));
        p.sum(p.abs(d));
        p.count(large);
        FormulaResult result =
                FormulaResult.of(new JavaKernels(), p.build(), List.of(floats(base), floats(model)), DType.F64, 0, n);
        double sum = 0;
        long count = 0;
        for (int i = 0; i < n; i++) {
            double delta = (double) model[i] - base[i];
            boolean keep = Math.abs(delta) > 0.01;
            sum += Math.abs(delta);
            count += keep ? 1 : 0;
            double expected = keep ? Math.fma(0.7, delta, base[i]) : base[i];
            assertEquals(expected, FloatFormat.decode(DType.F64, result.out(), 3 + 8 * i));
        }
        assertEquals(sum + 0.125, result.sums()[0], 1e-11);
        assertEquals(count, result.counts()[0]);
    }

    @Test
    void whatDoesNotFitIsRefused() {
        FormulaBuilder p = Formula.builder();
        p.sum(p.source(1));
        Formula formula = p.build();
        Operand x = floats(new float[3]);
        for (Kernels kernels : CudaEmulator.withCuda(KernelSelection.available())) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> kernels.compute(call(formula, List.of(x), 3), new double[1], new long[0]));
            assertThrows(
                    IllegalArgumentException.class,
                    () -> kernels.compute(call(formula, List.of(x, x), 3), new double[2], new long[0]));
            assertThrows(
                    IndexOutOfBoundsException.class,
                    () -> kernels.compute(call(formula, List.of(x, x), 4), new double[1], new long[0]));
        }
    }

    private static Calculation call(Formula formula, List<Operand> sources, long elements) {
        return new Calculation(formula, sources, Optional.empty(), 0, elements);
    }
}
