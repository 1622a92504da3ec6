/**
 * GGUF, the format of llama.cpp (ggml-org/ggml, {@code docs/gguf.md}): metadata, then tensors, some of them quantised in
 * blocks. Floats and integers are read in place; what is quantised or big-endian, as it decodes, through a copy. Outputs are
 * never quantised.
 *
 * <p>What may enter: another type of blocks, another version of the format.
 */
package dev.stockpot.checkpoint.gguf;
