package dev.stockpot.kernel;

import dev.stockpot.formula.Formula;
import dev.stockpot.tensor.DType;
import java.util.List;
import java.util.Locale;

/** Checks the conditions of {@link Kernels}, once before any loop. */
public final class OperandCheck {
    private OperandCheck() {}

    /**
     * @throws IllegalArgumentException if there are no sources, a type cannot be mixed, or there is not one weight per source
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     */
    public static void check(Mix mix) {
        List<Operand> sources = mix.sources();
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("a mix needs at least one source");
        }
        if (mix.weights() != null && mix.weights().length != sources.size()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "there should be one weight for each of %d sources but got %d",
                    sources.size(),
                    mix.weights().length));
        }
        checkWritable(mix.out(), mix.elements());
        sources.forEach(source -> check(source, mix.elements()));
    }

    /**
     * @throws IllegalArgumentException if there is not one sum per source, or a type cannot be multiplied
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     */
    public static void check(Dot dot, double[] sums) {
        List<Operand> sources = dot.sources();
        if (sums.length != sources.size()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "there should be one sum for each of %d sources but got %d",
                    sources.size(),
                    sums.length));
        }
        check(dot.vector(), dot.elements());
        sources.forEach(source -> check(source, dot.elements()));
    }

    /**
     * @throws IllegalArgumentException if the formula needs another number of sources, sums or counts, or a type has no
     *     arithmetic
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     */
    public static void check(Calculation call, double[] sums, long[] counts) {
        Formula formula = call.formula();
        if (sums.length != formula.sums() || counts.length != formula.counts()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "there should be %d sums and %d counts but got %d and %d",
                    formula.sums(),
                    formula.counts(),
                    sums.length,
                    counts.length));
        }
        if (formula.sources() > call.sources().size()
                || formula.hasOut() != call.out().isPresent()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "the formula reads %d sources and makes %s but got %d and %s",
                    formula.sources(),
                    formula.hasOut() ? "an output" : "no output",
                    call.sources().size(),
                    call.out().isPresent() ? "one" : "none"));
        }
        call.sources().forEach(source -> check(source, call.elements()));
        if (call.out().isPresent()) {
            checkWritable(call.out().get(), call.elements());
        }
    }

    /**
     * @throws IllegalArgumentException if an operand is of the wrong type or cannot be written, or a row has no elements
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     */
    public static void check(Drop drop, double[] sums) {
        DType dtype = drop.values().dtype();
        if (dtype != DType.F32 && dtype != DType.F64 || drop.random().dtype() != DType.F32) {
            throw new IllegalArgumentException("values should be F32 or F64, and random numbers F32, but got " + dtype
                    + " and " + drop.random().dtype());
        }
        if (drop.rowLength() < 1 || drop.room().size() != Drop.ROOM || sums.length != 0 && sums.length != 2) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "rows of %d elements, %d operands to work in and %d sums are not what is needed",
                    drop.rowLength(),
                    drop.room().size(),
                    sums.length));
        }
        checkWritable(drop.values(), Math.multiplyExact(drop.rows(), drop.rowLength()));
        checkWritable(drop.random(), drop.rows() * drop.rowLength());
        drop.room().forEach(room -> checkWritable(room, drop.rowLength()));
    }

    /**
     * @throws IllegalArgumentException if an operand is not F64 or cannot be written, or there is not one state for each row
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     */
    public static void check(Divergence call, double[] states) {
        if (call.model().dtype() != DType.F64 || call.base().dtype() != DType.F64) {
            throw new IllegalArgumentException("rows should be F64 but got "
                    + call.model().dtype() + " and " + call.base().dtype());
        }
        if (states.length != Math.multiplyExact(call.rows(), Divergence.STATE)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "there should be %d numbers for each of %d rows but got %d",
                    Divergence.STATE,
                    call.rows(),
                    states.length));
        }
        checkWritable(call.model(), Math.multiplyExact(call.rows(), call.rowLength()));
        checkWritable(call.base(), call.rows() * call.rowLength());
    }

    private static void checkWritable(Operand operand, long elements) {
        check(operand, elements);
        if (!operand.memory().isWritable()) {
            throw new IllegalArgumentException("the memory for the result is read-only");
        }
    }

    private static void check(Operand operand, long elements) {
        if (elements < 0) {
            throw new IllegalArgumentException("elements should not be negative but got " + elements);
        }
        if (!operand.dtype().isFloat()) {
            throw new IllegalArgumentException("cannot mix elements of type " + operand.dtype());
        }
        long bytes = operand.dtype().bytes(elements);
        long size = operand.memory().size();
        if (operand.offset() < 0 || operand.offset() > size - bytes) {
            throw new IndexOutOfBoundsException(String.format(
                    Locale.ROOT,
                    "an operand of %d bytes at %d extends outside its memory of %d bytes",
                    bytes,
                    operand.offset(),
                    size));
        }
    }
}
