package dev.stockpot.kernel.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.formula.Formula;
import dev.stockpot.formula.FormulaBuilder;
import dev.stockpot.formula.FormulaBuilder.Value;
import dev.stockpot.formula.Op;
import dev.stockpot.formula.RankWindow;
import dev.stockpot.kernel.Calculation;
import dev.stockpot.kernel.JavaKernels;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.kernel.RandomElements;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Formulas on the emulated card: the bits of plain Java, in as many launches as they need, or on the CPU. */
class CudaFormulaTest extends EmulatedCard {
    private record Result(ByteBuffer out, double[] sums, long[] counts, boolean finite) {}

    private static Result run(Kernels kernels, Formula f, List<Operand> sources, DType out, long first, int elements) {
        ByteBuffer bytes =
                ByteBuffer.allocateDirect((int) out.bytes(elements) + 9).order(ByteOrder.LITTLE_ENDIAN);
        Optional<Operand> into = f.hasOut() ? Optional.of(new Operand(out, Memory.of(bytes), 1)) : Optional.empty();
        double[] sums = new double[f.sums()];
        long[] counts = new long[f.counts()];
        boolean finite = kernels.compute(new Calculation(f, sources, into, first, elements), sums, counts);
        return new Result(bytes, sums, counts, finite);
    }

    private static void check(
            Kernels cuda, Formula f, List<Operand> sources, DType out, long first, int elements, String what) {
        check(
                run(new JavaKernels(), f, sources, out, first, elements),
                run(cuda, f, sources, out, first, elements),
                what);
    }

    private static void check(Result expected, Result actual, String what) {
        assertEquals(expected.out, actual.out, what);
        assertArrayEquals(expected.sums, actual.sums, what);
        assertArrayEquals(expected.counts, actual.counts, what);
        assertEquals(expected.finite, actual.finite, what);
    }

    private static List<Operand> sources(Random random, DType dtype, int count, int elements, boolean finite) {
        List<Operand> sources = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            sources.add(
                    finite
                            ? finite(new JavaKernels(), random, dtype, elements)
                            : operand(new JavaKernels(), random, dtype, elements));
        }
        return sources;
    }

    /** A formula of one operation on elements, and its result. */
    private static Formula of(Op op, boolean wide) {
        FormulaBuilder f = Formula.builder();
        if (wide) {
            f.wide();
        }
        Value a = f.source(0);
        Value b = f.source(1);
        Value c = f.source(2);
        Value made = switch (op) {
            case SOURCE -> a;
            case TABLE -> f.byRow(new double[] {0.1, -2, 1e-40, 7}, 37);
            case RANDOM -> f.random(0x123456789ABCDEFL, -5);
            case ADD -> f.add(a, b);
            case SUB -> f.sub(a, b);
            case MUL -> f.mul(a, b);
            case DIV -> f.div(a, b);
            case MIN -> f.min(a, b);
            case MAX -> f.max(a, b);
            case FMA -> f.fma(a, b, c);
            case ABS -> f.abs(a);
            case LESS -> f.less(a, b);
            case AT_MOST -> f.atMost(a, b);
            case EQUAL -> f.equal(a, b);
            case SELECT -> f.select(f.less(a, b), b, c);
            case WITHIN -> f.within(a, new RankWindow(Float.floatToIntBits(2), 9, Float.floatToIntBits(0.5f), 20));
            case OUT -> f.constant(0.1);
            default -> null;
        };
        if (made != null) {
            f.out(made);
            return f.build();
        }
        switch (op) {
            case SUM -> f.sum(a);
            case DOT -> f.dot(a, b);
            case COUNT -> f.count(f.less(a, b));
            default -> f.histogram(a, 0x3C000000, 18, 100);
        }
        return f.build();
    }

    @ParameterizedTest
    @EnumSource
    void everyOperationHasTheBitsOfJavaInEveryOrder(Op op) {
        Random random = new Random(1);
        try (CudaKernels cuda = CudaKernels.open(CudaOptions.defaults())) {
            for (DType dtype : RandomElements.DTYPES) {
                for (int elements : new int[] {1, 33, 129, 4097}) {
                    for (boolean wide : new boolean[] {false, true}) {
                        for (boolean finite : new boolean[] {false, true}) {
                            List<Operand> sources = sources(random, dtype, 3, elements, finite);
                            DType out = RandomElements.DTYPES.get(random.nextInt(RandomElements.DTYPES.size()));
                            Formula f = of(op, wide);
                            Result expected = run(new JavaKernels(), f, sources, out, 17, elements);
                            // One launch each, and each in the next order.
                            long launches = CudaEmulator.launches();
                            for (int order = 0; order < 4; order++) {
                                check(expected, run(cuda, f, sources, out, 17, elements), dtype + " to " + out);
                            }
                            assertEquals(4, CudaEmulator.launches() - launches);
                        }
                    }
                }
            }
        }
    }

    @Test
    void aCallOfManyPiecesHasTheBitsOfJavaWithinLittleMemory() {
        Random random = new Random(2);
        int elements = 150_001;
        long before = CudaEmulator.inUse();
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, SMALL, false))) {
            List<Operand> sources = new ArrayList<>();
            for (DType dtype : RandomElements.DTYPES) {
                sources.add(finite(cuda, random, dtype, elements));
            }
            FormulaBuilder f = Formula.builder();
            Value delta = f.sub(f.source(0), f.source(5));
            Value rows = f.byRow(random.doubles(900).toArray(), 700);
            Value columns = f.byColumn(random.doubles(70_001).toArray());
            Value kept = f.select(f.less(f.random(7, 2), rows), delta, columns);
            f.out(f.add(kept, f.source(1)));
            f.sum(f.mul(kept, f.source(2)));
            f.count(f.less(kept, f.source(3)));
            f.histogram(kept, 0, 19, 1 << 12);
            f.dot(kept, f.source(4));
            long launches = CudaEmulator.launches();
            check(cuda, f.build(), sources, DType.BF16, (1L << 33) + 12_345, elements, "pieces");
            assertTrue(CudaEmulator.launches() - launches > 2, "pieces");
            assertTrue(CudaEmulator.peak() - before <= SMALL, () -> CudaEmulator.peak() - before + " bytes");
        }
    }

    /** Rows so long that a piece has parts of one or two, also rows of more elements than an int holds. */
    @Test
    void tablesOfAnyRowsHaveTheBitsOfJava() {
        Random random = new Random(3);
        int elements = 3000;
        try (CudaKernels cuda = CudaKernels.open(CudaOptions.defaults())) {
            List<Operand> sources = sources(random, DType.F32, 1, elements, true);
            for (long each : new long[] {1, 2, 2999, 1 << 20, 1L << 30, (1L << 30) + 1, 1L << 31, 1L << 40}) {
                for (long first : new long[] {0, each - 1, each - 1500, 3 * each + each / 2, 7 * each - 2048}) {
                    for (int length : new int[] {1, 5, 9000}) {
                        FormulaBuilder f = Formula.builder();
                        f.out(f.mul(f.source(0), f.byRow(random.doubles(length).toArray(), each)));
                        String what = "rows of " + each + " from " + first + " of " + length;
                        check(cuda, f.build(), sources, DType.F64, Math.max(0, first), elements, what);
                    }
                }
            }
        }
    }

    /** Twenty models have 210 inner products. */
    @Test
    void moreSumsThanALaunchHasRoomForTakeSeveral() {
        Random random = new Random(4);
        int elements = 5000;
        try (CudaKernels cuda = CudaKernels.open(CudaOptions.defaults())) {
            List<Operand> sources = sources(random, DType.F16, 20, elements, true);
            FormulaBuilder f = Formula.builder();
            for (int i = 0; i < sources.size(); i++) {
                for (int j = i; j < sources.size(); j++) {
                    f.dot(f.source(i), f.source(j));
                }
                f.count(f.less(f.source(i), f.constant(0.1)));
                f.histogram(f.source(i), 0, 24, 1 << 7);
            }
            long launches = CudaEmulator.launches();
            check(cuda, f.build(), sources, DType.F32, 0, elements, "products");
            assertEquals(8, CudaEmulator.launches() - launches);
        }
    }

    @Test
    void aLaunchHasOnlyTheStepsThatItNeeds() {
        FormulaBuilder f = Formula.builder();
        for (int k = 0; k < 33; k++) {
            f.sum(f.abs(f.source(k)));
        }
        List<DeviceFormula> launches = DeviceFormula.of(f.build().code());
        assertEquals(
                List.of(96, 3), launches.stream().map(l -> l.steps().size()).toList());
    }

    private static Formula largest(int sources) {
        FormulaBuilder f = Formula.builder();
        Value largest = f.source(0);
        for (int k = 1; k < sources; k++) {
            largest = f.max(largest, f.source(k));
        }
        f.out(largest);
        return f.build();
    }

    @Test
    void whatTheDeviceHasNoRoomForIsDoneByTheCpu() {
        Random random = new Random(5);
        int elements = 3000;
        List<String> notes = new ArrayList<>();
        try (CudaKernels cuda =
                CudaKernels.open(new CudaOptions(0, SMALL, false)).telling(notes::add)) {
            // All sources are needed until the end, to see whether one is not finite.
            for (int count : new int[] {90, 300}) {
                List<Operand> sources = Collections.nCopies(
                        count, sources(random, DType.BF16, 1, elements, false).get(0));
                long launches = CudaEmulator.launches();
                check(cuda, largest(count), sources, DType.F32, 0, elements, count + " sources");
                assertEquals(count == 90 ? 1 : 0, CudaEmulator.launches() - launches, count + " sources");
            }
            // Few values, but a slot does not hold a block of each source.
            FormulaBuilder f = Formula.builder();
            Value sum = f.source(0);
            for (int k = 1; k < 300; k++) {
                sum = f.add(sum, f.source(k));
            }
            f.out(sum);
            List<Operand> sources = Collections.nCopies(
                    300, sources(random, DType.F32, 1, elements, false).get(0));
            long launches = CudaEmulator.launches();
            check(cuda, f.build(), sources, DType.F32, 0, elements, "a sum");
            assertEquals(launches, CudaEmulator.launches());
            String first =
                    "the CPU computes what the GPU has no room for, such as a formula of 300 sources with 301 values";
            assertEquals(1, notes.size(), notes::toString);
            assertTrue(notes.get(0).startsWith(first), notes::toString);
        }
    }

    @Test
    void filesThatStayOnTheCardNeedNoTransfer() {
        CountedFile file = CountedFile.finite(20_000);
        try (CudaKernels cuda = CudaKernels.open(new CudaOptions(0, 64 << 20, true))) {
            for (int offset : new int[] {0, 1, 2, 16}) {
                Memory kept = cuda.memory().keep(file, offset, 2 * 9000);
                assertNotNull(kept);
                FormulaBuilder f = Formula.builder();
                f.out(f.abs(f.source(0)));
                f.sum(f.source(1));
                Formula formula = f.build();
                Operand onHost = new Operand(DType.BF16, Memory.of(file.bytes), offset);
                Operand onCard = new Operand(DType.BF16, kept, offset);
                Result expected = run(new JavaKernels(), formula, List.of(onHost, onHost), DType.F16, 0, 9000);
                long uploaded = CudaEmulator.uploaded();
                Result actual = run(cuda, formula, List.of(onCard, onCard), DType.F16, 0, 9000);
                assertEquals(expected.out, actual.out);
                assertArrayEquals(expected.sums, actual.sums);
                assertTrue(CudaEmulator.uploaded() - uploaded < 1000, "only the formula is transferred");
            }
        }
    }

    @Test
    void nothingIsComputedOfNoElements() {
        try (CudaKernels cuda = CudaKernels.open(CudaOptions.defaults())) {
            long calls = CudaEmulator.calls();
            Operand none = new Operand(DType.F32, Memory.of(ByteBuffer.allocate(0)), 0);
            check(cuda, of(Op.SUM, false), List.of(none, none, none), DType.F32, 0, 0, "nothing");
            assertEquals(calls, CudaEmulator.calls());
        }
    }
}
