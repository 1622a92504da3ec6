package dev.stockpot.merge.reduce;

import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Reduction;
import dev.stockpot.merge.Step;
import java.util.function.Function;

/**
 * Forms numbers of a tensor that no formula forms, and goes on with what {@code next} makes of them.
 *
 * @param follows what the steps that follow need
 */
public record Reduced<P>(Reduction<P> reduction, Needs follows, Function<P, Step> next) implements Step {}
