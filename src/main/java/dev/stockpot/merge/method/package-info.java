/**
 * The merge methods, each readable beside its paper, and the reductions that they need.
 *
 * <p>None opens a file or starts a thread. What may enter: another method, as a formula, or as a reduction and what follows
 * from it.
 */
package dev.stockpot.merge.method;
