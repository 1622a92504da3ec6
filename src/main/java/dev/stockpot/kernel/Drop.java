package dev.stockpot.kernel;

import java.util.List;

/**
 * Rows whose elements are set to 0 at random, those of small magnitude more often (docs/numbers.md). Of an element, let r be
 * its rank by the F32 pattern of its magnitude, from 0 for the smallest in its row, of equal ones the lowest index first. It
 * is left if it is not finite, or its random number is below {@code (density - epsilon) + (2 * epsilon) * (r / (rowLength -
 * 1))}, where 0.5 is the quotient in rows of one.
 *
 * @param values of F32 or F64, rows after each other; aligned to their type
 * @param random as many numbers in [0, 1), multiples of 2^-24; of F32 and aligned. Undefined afterwards
 * @param rows how many rows
 * @param rowLength how many elements each has, at least 1
 * @param density the mean chance, in [0, 1]
 * @param epsilon how far chances differ from it at most, such that all are in [0, 1]
 * @param room {@link #ROOM} operands of F64 to work in, each with {@code rowLength} elements, aligned
 */
public record Drop(
        Operand values, Operand random, long rows, int rowLength, double density, double epsilon, List<Operand> room) {
    /** How many operands there are to work in. */
    public static final int ROOM = 3;
}
