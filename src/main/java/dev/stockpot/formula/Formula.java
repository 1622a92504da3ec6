package dev.stockpot.formula;

import dev.stockpot.tensor.DType;
import java.util.Arrays;

/**
 * Arithmetic on the elements of several sources at one index, step by step: what is made of each element, or added up over all
 * of them. Every step is an operation that IEEE 754 or {@link Op} defines to the bit, so a formula gives the same bits from
 * every kernel, on any number of threads. Immutable; equal formulas do the same.
 *
 * <p>Values are of the accumulator's type: F64 if any source is F32 or F64 or the formula is {@link FormulaBuilder#wide wide}, else
 * F32. Each step rounds once to it.
 *
 * <pre>{@code
 * FormulaBuilder f = Formula.builder();
 * Value delta = f.sub(f.source(0), f.source(1));
 * f.out(f.fma(f.constant(0.5), delta, f.source(1)));
 * Formula half = f.build();
 * }</pre>
 */
public final class Formula {
    /** Elements that kernels take through all steps at a time. */
    public static final int BLOCK = 1024;

    private final FormulaCode code;
    private final int sources;
    private final int sums;
    private final int counts;
    private final boolean out;
    private final boolean wide;
    private final boolean indexed;

    Formula(FormulaBuilder built) {
        code = built.code();
        sources = built.sources;
        sums = built.sums;
        counts = built.counts;
        out = built.out;
        wide = built.wide;
        indexed = built.indexed;
    }

    /** Starts an empty formula. */
    public static FormulaBuilder builder() {
        return new FormulaBuilder();
    }

    /** The steps, for kernels. */
    public FormulaCode code() {
        return code;
    }

    /** How many sources it reads at least. */
    public int sources() {
        return sources;
    }

    /** Whether it makes an output. */
    public boolean hasOut() {
        return out;
    }

    /** How many sums it forms. */
    public int sums() {
        return sums;
    }

    /** How many counts it forms. */
    public int counts() {
        return counts;
    }

    /** Whether values are F64 whatever the sources are. */
    public boolean isWide() {
        return wide;
    }

    /** Whether what it does with an element depends on the element's index. */
    public boolean usesIndex() {
        return indexed;
    }

    /** Whether values are F64 with sources of these types. */
    public boolean computesInF64(Iterable<DType> types) {
        for (DType type : types) {
            if (type == DType.F32 || type == DType.F64) {
                return true;
            }
        }
        return wide;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Formula f
                && wide == f.wide
                && Arrays.equals(code.steps(), f.code.steps())
                && Arrays.equals(code.constants(), f.code.constants())
                && Arrays.equals(code.numbers(), f.code.numbers())
                && Arrays.equals(code.tableShapes(), f.code.tableShapes())
                && Arrays.equals(code.tables(), f.code.tables());
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(code.steps()) * 31 + Arrays.hashCode(code.constants());
    }

    /** The steps, a line each. */
    @Override
    public String toString() {
        StringBuilder lines = new StringBuilder();
        int[] steps = code.steps();
        for (int s = 0; s < steps.length; s += FormulaCode.STEP) {
            lines.append(Op.values()[steps[s]])
                    .append(Arrays.toString(Arrays.copyOfRange(steps, s + 1, s + FormulaCode.STEP)))
                    .append('\n');
        }
        return lines.toString();
    }
}
