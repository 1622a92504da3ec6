package dev.stockpot.kernel.cuda;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.formula.RankWindow;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;

/** Tests whether a GPU computes formulas with the bits of {@link JavaKernels}: each operation, of each type, of any size. */
final class CudaFormulaCheck {
    private static final int SOURCES = 3;

    /** What a formula makes of three elements. */
    private interface Element {
        Value of(FormulaBuilder f, Value a, Value b, Value c);
    }

    private static final List<Element> ELEMENTS = List.of(
            (f, a, b, c) -> f.add(a, b),
            (f, a, b, c) -> f.sub(a, b),
            (f, a, b, c) -> f.mul(a, b),
            (f, a, b, c) -> f.div(a, b),
            (f, a, b, c) -> f.min(a, b),
            (f, a, b, c) -> f.max(f.abs(a), b),
            (f, a, b, c) -> f.fma(a, b, c),
            (f, a, b, c) -> f.select(f.less(a, b), b, c),
            (f, a, b, c) -> f.mul(f.atMost(a, b), f.sub(a, f.equal(b, c))),
            (f, a, b, c) -> f.mul(a, f.random(0x9E3779B97F4A7C15L, 3)),
            (f, a, b, c) -> f.mul(a, f.byRow(new double[] {0.1, -3, 0x1p-130}, 333)),
            (f, a, b, c) -> f.mul(a, f.byColumn(new double[] {0.3, 7, -0.01, 2, 5})),
            (f, a, b, c) -> f.within(a, new RankWindow(Float.floatToIntBits(2), 40, Float.floatToIntBits(0.5f), 99)));

    private final Kernels cuda;
    private final Consumer<String> report;
    private final Random random = new Random(4);
    private int tried;
    private int differing;

    CudaFormulaCheck(Kernels cuda, Consumer<String> report) {
        this.cuda = cuda;
        this.report = report;
    }

    /** Returns how many differ. */
    int run() {
        for (DType in : CudaCheck.TYPES) {
            for (int elements : CudaCheck.SIZES) {
                // Of special values most sums are NaN, on both sides: finite ones are compared apart.
                for (boolean special : new boolean[] {false, true}) {
                    for (boolean wide : new boolean[] {false, true}) {
                        tryAll(in, elements, special, wide);
                    }
                }
            }
        }
        report.accept(tried + " formulas tried, " + differing + " differ");
        return differing;
    }

    private void tryAll(DType in, int elements, boolean special, boolean wide) {
        List<Operand> sources = new ArrayList<>();
        for (int k = 0; k < SOURCES; k++) {
            sources.add(CudaCheck.random(random, in, elements, special));
        }
        for (int e = 0; e < ELEMENTS.size(); e++) {
            // Plain Java takes long for many elements: one formula of each type is tried on those.
            boolean many = elements > 10_000;
            if (many && (special || wide || e != in.ordinal() % ELEMENTS.size())) {
                continue;
            }
            DType out = CudaCheck.TYPES.get((tried + e) % CudaCheck.TYPES.size());
            Formula formula = formula(ELEMENTS.get(e), wide);
            tried++;
            if (!results(new JavaKernels(), formula, sources, out, elements)
                    .equals(results(cuda, formula, sources, out, elements))) {
                differing++;
                report.accept("differs: formula " + e + " of " + in + " to " + out + ", " + elements + " elements, "
                        + (wide ? "in F64" : "in the accumulator's type"));
            }
        }
    }

    private static Formula formula(Element element, boolean wide) {
        FormulaBuilder f = Formula.builder();
        if (wide) {
            f.wide();
        }
        Value b = f.source(1);
        Value made = element.of(f, f.source(0), b, f.source(2));
        f.out(made);
        f.sum(made);
        f.dot(made, b);
        f.count(f.less(made, b));
        f.histogram(made, 0, 19, 1 << 12);
        return f.build();
    }

    private static List<Object> results(
            Kernels kernels, Formula formula, List<Operand> sources, DType out, int elements) {
        ByteBuffer bytes = ByteBuffer.allocate((int) out.bytes(elements) + 1);
        Operand into = new Operand(out, Memory.of(bytes), 1);
        double[] sums = new double[formula.sums()];
        long[] counts = new long[formula.counts()];
        boolean finite =
                kernels.compute(new Calculation(formula, sources, Optional.of(into), 1000, elements), sums, counts);
        return List.of(bytes, Arrays.stream(sums).boxed().toList(), Arrays.hashCode(counts), finite);
    }
}
