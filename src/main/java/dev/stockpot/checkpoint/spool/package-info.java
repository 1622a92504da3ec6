/**
 * Copies of values that a file does not hold as contiguous little-endian bytes: compressed, strided, or of the other byte
 * order. They are made when they are wanted, in a temporary file, in bounded memory.
 *
 * <p>What may enter: another way to make plain values of what a file holds.
 */
package dev.stockpot.checkpoint.spool;
