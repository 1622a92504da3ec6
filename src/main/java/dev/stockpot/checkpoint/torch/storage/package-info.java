/**
 * Where the values of PyTorch's tensors are: in stored entries of a zip archive, in the older format's blocks, or, if
 * they are compressed or strided, in a copy ({@link dev.stockpot.checkpoint.spool.Spool}).
 *
 * <p>What may enter: another form in which a file keeps values.
 */
package dev.stockpot.checkpoint.torch.storage;
