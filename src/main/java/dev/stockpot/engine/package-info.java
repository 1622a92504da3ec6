/**
 * Mixes tensors: a {@link dev.stockpot.engine.MixPlan} lists what goes where, threads take it in tiles, one native call
 * mixes one tile straight from the mapped bytes into a thread's buffer, and the buffer is written at its place. No tensor
 * is ever whole in memory.
 *
 * <p>{@link dev.stockpot.engine.TensorMixer} mixes into the caller's memory instead of a file, and
 * {@link dev.stockpot.engine.GradientDots} multiplies the ingredients with gradients in the same way of streaming.
 */
package dev.stockpot.engine;
