/**
 * Mixes tensors: a {@link dev.stockpot.engine.MixPlan} lists what goes where, threads take it in tiles, one native call
 * mixes one tile straight from the mapped bytes into a thread's buffer, and the buffer is written at its place. No tensor
 * is ever whole in memory.
 */
package dev.stockpot.engine;
