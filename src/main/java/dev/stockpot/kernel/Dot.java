package dev.stockpot.kernel;

import java.util.List;

/**
 * Elements of a vector to multiply with those of several sources: {@code sum over i of vector[i] * source[k][i]} for each
 * source, by the numbers contract (docs/numbers.md).
 *
 * @param vector of any float type
 * @param sources one operand per ingredient
 * @param elements how many elements each has
 */
public record Dot(Operand vector, List<Operand> sources, long elements) {
    /** Lanes that a block is summed in. */
    public static final int LANES = 32;

    /** Elements that are summed before anything is added to a total, counted from the tensor's first element. */
    public static final int BLOCK = 2048;

    /** Elements whose blocks are summed before anything is added to a tensor's total: 128 blocks. */
    public static final int CHUNK = 128 * BLOCK;
}
