package dev.stockpot.kernel;

import java.util.List;

/** The conditions of {@link Kernels#mix}, checked once before any loop. */
final class MixCheck {
    private MixCheck() {}

    /**
     * @throws IllegalArgumentException where there are no sources, a type cannot be mixed, or the weights do not fit
     * @throws IndexOutOfBoundsException where an operand leaves its memory
     */
    static void check(Mix mix) {
        List<Mix.Operand> sources = mix.sources();
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("a mix needs at least one source");
        }
        if (mix.weights() != null && mix.weights().length != sources.size()) {
            throw new IllegalArgumentException(String.format(
                    "should be one weight for each of %d sources but got %d", sources.size(), mix.weights().length));
        }
        if (mix.elements() < 0) {
            throw new IllegalArgumentException("elements should not be negative but got " + mix.elements());
        }
        check(mix.out(), mix.elements());
        for (Mix.Operand source : sources) {
            check(source, mix.elements());
        }
    }

    private static void check(Mix.Operand operand, long elements) {
        if (!operand.dtype().isFloat()) {
            throw new IllegalArgumentException("cannot mix elements of type " + operand.dtype());
        }
        long bytes = operand.dtype().bytes(elements);
        long size = operand.memory().size();
        if (operand.offset() < 0 || operand.offset() > size - bytes) {
            throw new IndexOutOfBoundsException(String.format(
                    "an operand of %d bytes at %d leaves its memory of %d bytes", bytes, operand.offset(), size));
        }
    }
}
