package dev.stockpot.engine;

import java.util.function.Function;

/**
 * A tensor that is reduced to a few numbers first, which decide how it is made: by an operation, or after another reduction.
 *
 * @param <P> the numbers
 * @param reduction that forms them
 * @param follows what the work that follows needs, all later follow-ups' included
 * @param decision how the tensor is made; called once each time it is
 */
public record Measured<P>(Reduction<P> reduction, Needs follows, Function<P, Way> decision) implements Way {
    /** What reducing and all that follows needs. */
    public Needs needs() {
        return reduction.needs().or(follows);
    }
}
