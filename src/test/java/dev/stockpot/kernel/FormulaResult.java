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
    static FormulaResult of(
            Kernels kernels, Formula formula, List<Operand> sources, DType dtype, long first, int elements) {
        int shift = 3;
        ByteBuffer out = ByteBuffer.allocateDirect(shift + elements * dtype.bits() / 8 + 5)
                .order(ByteOrder.LITTLE_ENDIAN);
        Operand into = new Operand(dtype, Memory.of(out), shift);
        double[] sums = new double[formula.sums()];
        Arrays.fill(sums, 0.125);
        long[] counts = new long[formula.counts()];
        Calculation call = new Calculation(formula, sources, Optional.of(into), first, elements);
        boolean finite = kernels.compute(call, sums, counts);
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
