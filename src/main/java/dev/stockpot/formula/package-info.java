/**
 * Arithmetic on elements, written down step by step: what merge methods do with each element, for kernels to compute. Part of
 * the API.
 *
 * <p>It knows nothing of files, tensors or threads. What may enter: another operation that is defined to the bit.
 */
@NullMarked
package dev.stockpot.formula;

import org.jspecify.annotations.NullMarked;
