package dev.stockpot.kernel;

import dev.stockpot.formula.Formula;
import dev.stockpot.tensor.DType;
import java.util.List;
import java.util.Optional;

/**
 * A formula to compute on consecutive elements of a tensor.
 *
 * @param formula what to compute
 * @param sources one operand per source
 * @param out where the output goes, if the formula makes one
 * @param first the index of the first element in its tensor
 * @param elements how many elements
 * @param streamed whether the output is not read again soon, so that it is best stored past the caches
 */
public record Calculation(
        Formula formula, List<Operand> sources, Optional<Operand> out, long first, long elements, boolean streamed) {
    /** One whose output, if there is one, is read again soon. */
    public Calculation(Formula formula, List<Operand> sources, Optional<Operand> out, long first, long elements) {
        this(formula, sources, out, first, elements, false);
    }

    /** Whether values are F64. */
    public boolean inF64() {
        List<DType> types = sources.stream().map(Operand::dtype).toList();
        return formula.computesInF64(types);
    }
}
