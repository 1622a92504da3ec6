/**
 * Exact ranks, which no single formula finds: steps of methods, like those of {@link dev.stockpot.merge.Step}. What may enter:
 * what several methods reduce tensors to.
 */
package dev.stockpot.merge.reduce;
