package dev.stockpot.engine;

import java.util.function.Supplier;

/**
 * A way that is made whenever {@link MixTensor#how} is asked for it, and not kept: formulas of very many tensors would not fit
 * into a small heap. It is never a copy.
 */
public record Later(Supplier<Way> way) implements Way {}
