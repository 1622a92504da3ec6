package dev.stockpot.kernel;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.formula.Philox;
import dev.stockpot.formula.RankWindow;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import dev.stockpot.tensor.FloatFormat;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/**
 * Tests that formulas which become machine code where the processor has AVX-512 have the bits of {@link JavaKernels}: long ones,
 * of many sources and sums.
 */
class CompiledFormulasTest {
    /** Most formulas without tables become machine code, if their numbers are none of 8 bits. */
    @Property(tries = 300)
    void formulasThatAreCompiledEqualJava(
            @ForAll @Size(min = 1, max = 9) List<@IntRange(max = 3) Integer> sources,
            @ForAll @IntRange(max = 3) int out,
            @ForAll @IntRange(max = 9000) int elements,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<DType> types = TYPES.get(random.nextInt(TYPES.size()));
        List<Operand> operands = new ArrayList<>();
        for (int type : sources) {
            DType dtype = types.get(type);
            ByteBuffer values = random.nextInt(4) > 0
                    ? RandomElements.finite(random, dtype, elements, 1)
                    : RandomElements.fill(random, dtype, elements, 1);
            operands.add(new Operand(dtype, Memory.of(values), 1));
        }
        long[] starts = {0, 64 * random.nextInt(80), (1L << 34) + 64 * random.nextInt(1 << 20), 77};
        long first = starts[random.nextInt(starts.length)];
        // The code of one is used again for others that differ in numbers alone.
        for (int again = 0; again < 3; again++) {
            Formula formula = compilable(new Random(seed), random, operands, first, elements);
            FormulaResult expected =
                    FormulaResult.of(new JavaKernels(), formula, operands, COMPILED.get(out), first, elements);
            for (Kernels kernels : KernelSelection.available()) {
                for (boolean streamed : List.of(false, true)) {
                    FormulaResult actual =
                            FormulaResult.of(kernels, formula, operands, COMPILED.get(out), first, elements, streamed);
                    expected.check(actual, kernels, formula);
                }
            }
        }
    }

    private static final List<DType> COMPILED = List.of(DType.F64, DType.F32, DType.F16, DType.BF16);
    private static final List<List<DType>> TYPES = List.of(
            COMPILED, List.of(DType.BF16, DType.F16, DType.BF16, DType.BF16), Collections.nCopies(4, DType.BF16));

    /** Of steps that one generator tells, with numbers of another. */
    private static Formula compilable(Random random, Random numbers, List<Operand> sources, long first, int elements) {
        FormulaBuilder p = Formula.builder();
        if (random.nextInt(4) == 0) {
            p.wide();
        }
        List<Value> values = new ArrayList<>(List.of(p.constant(0), p.constant(numbers.nextGaussian())));
        for (int k = 0; k < sources.size(); k++) {
            values.add(p.source(k));
        }
        // Many that are alive at a time do not fit into the registers.
        int steps = 1 + random.nextInt(70);
        boolean odd = random.nextInt(8) == 0;
        for (int s = 0; s < steps; s++) {
            int recent = random.nextBoolean() ? values.size() : Math.min(4, values.size());
            Value a = values.get(values.size() - 1 - random.nextInt(recent));
            Value b = values.get(random.nextInt(values.size()));
            Value c = values.get(random.nextInt(values.size()));
            values.add(
                    switch (random.nextInt(14)) {
                        case 0 -> p.add(a, b);
                        case 1 -> p.sub(a, b);
                        case 2 -> p.mul(b, a);
                        case 3 -> p.div(a, b);
                        case 4 -> p.min(a, b);
                        case 5 -> p.max(a, b);
                        case 6 -> p.fma(a, b, c);
                        case 7 -> p.abs(a);
                        case 8 -> p.less(a, b);
                        case 9 -> p.select(p.atMost(a, b), c, p.constant(0));
                        case 10 -> p.select(p.equal(a, b), c, a);
                        case 11 -> {
                            int source = random.nextInt(sources.size());
                            yield random.nextBoolean()
                                    ? p.within(p.source(source), window(numbers, sources.get(source), first, elements))
                                    : p.within(a, window(numbers, sources.get(source), first, elements));
                        }
                        case 12 -> s > 12 ? p.abs(c) : p.select(chance(p, numbers, first, elements), a, p.constant(0));
                        default -> odd ? oddChance(p, numbers) : chance(p, numbers, first, elements);
                    });
        }
        int results = random.nextInt(3) == 0 ? 30 : random.nextInt(8);
        for (int k = 0; k < results; k++) {
            Value x = values.get(random.nextInt(values.size()));
            switch (random.nextInt(5)) {
                case 0 -> p.sum(x);
                case 1, 2 -> p.dot(x, values.get(random.nextInt(values.size())));
                case 3 -> p.count(x);
                default -> p.histogram(x, numbers.nextInt(0x7F800000), numbers.nextInt(31), 1 + numbers.nextInt(2));
            }
        }
        p.out(values.get(values.size() - 1));
        return p.build();
    }

    /** Elements of a source between two of its own, so that places decide among equal ones. */
    private static RankWindow window(Random random, Operand source, long first, int elements) {
        int above = random.nextInt(3) == 0 ? RankWindow.NONE : pattern(source, random.nextInt(elements + 1), elements);
        int last = pattern(source, random.nextInt(elements + 1), elements);
        return new RankWindow(above, first + random.nextInt(elements + 1), last, first + random.nextInt(elements + 1));
    }

    private static int pattern(Operand source, int element, int elements) {
        int bytes = source.dtype().bits() / 8;
        ByteBuffer values =
                source.memory().slice(source.offset(), elements * bytes).order(ByteOrder.LITTLE_ENDIAN);
        return element == elements
                ? 0
                : JavaFormulas.pattern(FloatFormat.decode(source.dtype(), values, element * bytes));
    }

    /** Whether an element's random number is below a constant: often one that only the lower bits tell from some number. */
    private static Value chance(FormulaBuilder p, Random random, long first, int elements) {
        long key = random.nextLong();
        int stream = random.nextInt(16);
        double some = Philox.uniform(key, stream, first + random.nextInt(elements + 1));
        double limit = switch (random.nextInt(4)) {
            case 0 -> some;
            case 1 -> some + 0x1p-24;
            case 2 -> 0.5;
            default -> random.nextDouble();
        };
        return p.less(p.random(key, stream), p.constant(limit));
    }

    /** Constants that a chance may have, but that are not compiled. */
    private static Value oddChance(FormulaBuilder p, Random random) {
        double limit = new double[] {-1, 0, 0x1p-20, Double.NaN}[random.nextInt(4)];
        return p.less(p.random(random.nextLong(), random.nextInt()), p.constant(limit));
    }
}
