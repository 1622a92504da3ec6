package dev.stockpot.formula;

/**
 * A formula as kernels read it: {@code sp_compute} in {@code native/include/stockpot.h} says what the arrays hold. They are the
 * formula's own: do not write to them.
 *
 * @param steps five numbers each: an {@link Op}, a register, three operands
 * @param registers how many registers there are
 * @param constants what operands below 0 stand for: operand {@code ~k} for constant k
 * @param numbers what steps name by place
 * @param tables all tables, one after the other
 * @param tableShapes for each its place, its length, and how many elements each of its numbers is for
 */
public record FormulaCode(
        int[] steps, int registers, double[] constants, long[] numbers, double[] tables, long[] tableShapes) {
    /** Numbers of a step. */
    public static final int STEP = 5;
}
