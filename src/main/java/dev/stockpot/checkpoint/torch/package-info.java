/**
 * The formats of {@code torch.save}: which of a file's values are the weights, how a state dict is written, and how a
 * file's structure is kept around other weights.
 *
 * <p>Reading goes through three rooms below: {@code zip} finds the entries, {@code pickle} turns the bytes of a pickle
 * into values, {@code storage} finds where tensors' values are. Nothing that a file holds is ever run.
 *
 * <p>What may enter: another place where training code keeps weights, or another structure to keep.
 */
package dev.stockpot.checkpoint.torch;
