package dev.stockpot.merge;

import dev.stockpot.formula.Formula;
import java.util.List;
import java.util.function.Function;

/**
 * How a tensor is merged: at once, or after numbers about all of its elements are known. A method is a few steps: reduce,
 * decide, combine. Programs use the kinds here; what else implements this is Stockpot's own.
 */
public interface Step {
    /** Writes what a formula with an output makes of the sources, rounded once to the output's type. */
    record Combine(Formula formula) implements Step {}

    /**
     * Writes what a formula with an output makes of the sources, and finds facts from counts that it forms on the way. It takes
     * no pass of its own.
     *
     * @param formula with an output and counts, and no sums
     * @param facts what the counts of the whole tensor tell; called once each time the tensor is merged, on any thread
     */
    record Counted(Formula formula, Function<long[], List<Fact>> facts) implements Step {}

    /** Tells facts, and goes on. */
    record Told(List<Fact> facts, Step next) implements Step {
        /** The facts are copied. */
        public Told {
            facts = List.copyOf(facts);
        }
    }

    /**
     * Writes the sum of the sources times their weights, divided by {@code divisor}: the plain average of the numbers contract
     * (docs/numbers.md), and the fastest step. Sources of weight 0 at the end, such as a base that does not take part, may be
     * left out.
     *
     * @param weights one for each of the first sources, of any sign
     * @param divisor in F64, rounded to the accumulator's type; 1 for no division
     */
    record WeightedSum(double[] weights, double divisor) implements Step {}

    /** Writes a source's values: its bytes, or values rounded once if the output has another type. */
    record Take(int source) implements Step {}

    /**
     * Forms a formula's sums and counts over the tensor, and goes on with what {@code next} makes of them.
     *
     * @param formula with sums or counts, and no output
     * @param next called once each time the tensor is merged, on any thread, so it keeps no state; an {@link
     *     ArithmeticException} says that the numbers leave nothing to divide by
     */
    record Measure(Formula formula, Function<Totals, Step> next) implements Step {}

    /**
     * Sums and counts, by their places in the formula.
     *
     * @param sums in F64, by the rules for dot products (docs/numbers.md); NaN or infinite if the elements are
     * @param counts exact
     */
    record Totals(double[] sums, long[] counts) {}
}
