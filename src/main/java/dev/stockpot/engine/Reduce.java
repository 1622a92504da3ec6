package dev.stockpot.engine;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * A tensor that is reduced to a few numbers, which decide what follows on the same elements while they are in the cache:
 * nothing, an output to make, or another reduction.
 *
 * @param sources the tensor in every source
 * @param reduction the numbers that are formed from its elements
 * @param follows what the work that may follow needs, its own follow-ups' included; empty if nothing may follow. The sources
 *     are read again at once if something may
 * @param decision what follows, on sources that the pass reads anyway
 */
public record Reduce<P>(SourceSpans sources, Reduction<P> reduction, Optional<Needs> follows, Decision<P> decision)
        implements Task {
    /** Decides what follows from a tensor's numbers. Called once per tensor, one at a time, in any order of tensors. */
    @FunctionalInterface
    public interface Decision<P> {
        /** What follows on the tensor. */
        Optional<Task> next(P total);
    }

    /** Gives the numbers to {@code result}; nothing follows. */
    public static <P> Reduce<P> to(SourceSpans sources, Reduction<P> reduction, Consumer<P> result) {
        return new Reduce<>(sources, reduction, Optional.empty(), total -> {
            result.accept(total);
            return Optional.empty();
        });
    }

    @Override
    public Needs needs() {
        return reduction.needs().or(follows.orElse(Needs.NOTHING));
    }
}
