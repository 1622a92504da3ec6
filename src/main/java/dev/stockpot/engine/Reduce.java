package dev.stockpot.engine;

import java.util.Optional;

/**
 * One tensor that is reduced to a few numbers, by which it is decided what follows on the same elements while they are in the
 * cache: nothing, an output that is made, or another reduction.
 *
 * @param sources the tensor in every source
 * @param reduction what is formed of its elements
 * @param followed whether anything may follow, so that the sources are read again at once
 * @param decision what follows
 */
public record Reduce<P>(SourceSpans sources, Reduction<P> reduction, boolean followed, Decision<P> decision)
        implements Task {
    /** Decides by a tensor's numbers. Called once a tensor, one call at a time, in any order of the tensors. */
    @FunctionalInterface
    public interface Decision<P> {
        /** What follows on the tensor. */
        Optional<Task> next(P total);
    }
}
