package dev.stockpot.soup.mixture;

import dev.stockpot.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * One tensor in every ingredient that has it, in the shape of the first of them.
 *
 * @param ingredients their numbers, ascending
 * @param tensors their tensors, in the same order
 * @param oneType whether all are of one dtype
 * @param takesFirst whether the first is taken as it is
 * @param rest the rows after those that {@code tensors} have, each part of which fewer ingredients have; empty for almost all
 */
public record Counterparts(
        List<Integer> ingredients,
        List<TensorInfo> tensors,
        boolean oneType,
        boolean takesFirst,
        List<Counterparts> rest) {
    /** Counterparts that are averaged if they are floats. */
    public Counterparts(List<Integer> ingredients, List<TensorInfo> tensors, boolean oneType) {
        this(ingredients, tensors, oneType, false, List.of());
    }

    public TensorInfo first() {
        return tensors.get(0);
    }

    /** Whether they are averaged. */
    public boolean averaged() {
        return !takesFirst && first().dtype().isFloat();
    }

    /** The shape of the whole: the first's, with all rows. */
    List<Long> shape() {
        if (rest.isEmpty()) {
            return first().shape();
        }
        List<Long> shape = new ArrayList<>(first().shape());
        for (Counterparts part : rest) {
            shape.set(0, shape.get(0) + part.first().shape().get(0));
        }
        return shape;
    }

    /** Whether sums are formed in F32: if all dtypes have 16 bits or less. */
    boolean accumulatesInF32() {
        return oneType
                ? first().dtype().bits() <= 16
                : tensors.stream().allMatch(t -> t.dtype().bits() <= 16);
    }
}
