/**
 * What is done with tensors, as plain values: an {@link dev.stockpot.engine.Operation} makes an output's elements, a
 * {@link dev.stockpot.engine.Reduction} forms numbers from them, a {@link dev.stockpot.engine.Task} is one of the two over
 * some elements, and a {@link dev.stockpot.engine.MixPlan} lists what goes where. {@link dev.stockpot.engine.Engine} is
 * what passes run on.
 *
 * <p>Nothing is opened or read here. What may enter: another operation or reduction. docs/architecture.md
 * explains the words tile, span, stretch, chunk and piece.
 */
package dev.stockpot.engine;
