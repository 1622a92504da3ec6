/**
 * Arithmetic on elements, written down step by step: what merge methods do with each element, for kernels to compute. It knows
 * nothing of files, tensors or threads.
 */
package dev.stockpot.formula;
