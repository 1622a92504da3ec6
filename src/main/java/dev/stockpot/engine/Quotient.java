package dev.stockpot.engine;

import dev.stockpot.kernel.Mix;
import dev.stockpot.kernel.Operand;
import dev.stockpot.tensor.DType;
import java.util.List;

/**
 * A sum in F32, divided as the numbers contract (docs/numbers.md) divides sums in F32: rounded to F32 first, then to the
 * output's type. (A mix of a source in F32 would divide in F64.) A quotient in F64 that is rounded to F32 is the quotient in
 * F32 (Figueroa, "When is double rounding innocuous?", 1995).
 *
 * @param divisor an integer that F32 represents exactly
 */
public record Quotient(double divisor) implements Combination {
    @Override
    public boolean apply(Elements in, Operand out, boolean streamed) {
        Operand scratch = in.scratch().get(0);
        Operand rounded = new Operand(DType.F32, scratch.memory(), scratch.offset());
        in.kernels().mix(new Mix(rounded, in.sources(), in.count(), null, divisor));
        return in.kernels().mix(new Mix(out, List.of(rounded), in.count(), null, 1, streamed));
    }

    @Override
    public Needs needs() {
        return new Needs(1, DType.F32.bits(), Long.MAX_VALUE);
    }

    @Override
    public boolean joinsTensors() {
        return true;
    }
}
