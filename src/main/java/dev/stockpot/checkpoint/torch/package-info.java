/**
 * The formats of {@code torch.save}. Reading: {@link dev.stockpot.checkpoint.torch.PickleReader} turns the pickle into
 * values by a closed set of opcodes and an allow-list of names, {@link dev.stockpot.checkpoint.torch.WeightsFinder} finds
 * the weights among them, and {@link dev.stockpot.checkpoint.torch.TensorPlacer} finds where their values lie, in place
 * where it can. Nothing that a file holds is ever run.
 */
package dev.stockpot.checkpoint.torch;
