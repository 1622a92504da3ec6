package dev.stockpot.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.stockpot.formula.Formula;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What kernels make of a formula: the output between bytes that must stay, sums and counts. */
record FormulaResult(ByteBuffer out, double[] sums, long[] counts, boolean finite) {
    private static final int LINE = 64;

    static FormulaResult of(
            Kernels kernels, Formula formula, List<Operand> sources, DType dtype, long first, int elements) {
        return of(kernels, formula, sources, dtype, first, elements, false);
    }

    /** The same; what is streamed begins with a cache line. */
    static FormulaResult of(
            Kernels kernels,
            Formula formula,
            List<Operand> sources,
            DType dtype,
            long first,
            int elements,
            boolean streamed) {
        int before = 3, shift = streamed ? LINE : LINE + 1, bytes = elements * dtype.bits() / 8;
        ByteBuffer all = ByteBuffer.allocateDirect(2 * LINE + shift + bytes).alignedSlice(LINE);
        Operand into = new Operand(dtype, Memory.of(all), shift);
        double[] sums = new double[formula.sums()];
        Arrays.fill(sums, 0.125);
        long[] counts = new long[formula.counts()];
        Calculation call = new Calculation(formula, sources, Optional.of(into), first, elements, streamed);
        boolean finite = kernels.compute(call, sums, counts);
        ByteBuffer out = all.slice(shift - before, before + bytes + 5).order(ByteOrder.LITTLE_ENDIAN);
        return new FormulaResult(out, sums, counts, finite);
    }

    /** Checks that others have the same, to the bit. */
    void check(FormulaResult actual, Kernels kernels, Formula formula) {
        assertEquals(out, actual.out, () -> kernels.name() + " on\n" + formula);
        assertTrue(
                Arrays.equals(sums, actual.sums),
                () -> kernels.name() + ": " + Arrays.toString(sums) + " but " + Arrays.toString(actual.sums) + " on\n"
                        + formula);
        assertArrayEquals(counts, actual.counts, () -> kernels.name() + " on\n" + formula);
        assertEquals(finite, actual.finite, () -> kernels.name() + " on\n" + formula);
    }
}
