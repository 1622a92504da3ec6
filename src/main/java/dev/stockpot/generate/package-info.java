/**
 * Checkpoints made for measuring: the tensors of published models by name, shape and type, with values that look like a
 * trained model's and depend only on a seed.
 *
 * <p>What may enter: another published model, or values of another kind.
 */
package dev.stockpot.generate;
