package dev.stockpot.engine;

import java.util.Optional;

/**
 * A tensor that is reduced to a few numbers, which decide what follows on the same elements while they are in the cache:
 * nothing, an output to make, or another reduction.
 *
 * @param sources the tensor in every source
 * @param reduction the numbers that are formed from its elements
 * @param followed whether anything may follow, so that the sources are read again at once
 * @param decision what follows
 */
public record Reduce<P>(SourceSpans sources, Reduction<P> reduction, boolean followed, Decision<P> decision)
        implements Task {
    /** Decides what follows from a tensor's numbers. Called once per tensor, one at a time, in any order of tensors. */
    @FunctionalInterface
    public interface Decision<P> {
        /** What follows on the tensor. */
        Optional<Task> next(P total);
    }
}
