/** The PyTorch format: a zip archive that holds a pickle and, as records of their own, the values of the tensors it names. */
package dev.stockpot.checkpoint.torch;
