/**
 * The merge methods, each readable beside its paper, and the reductions that they need. A method adds a formula, or a reduction
 * and what follows from it; it never opens a file or starts a thread.
 */
package dev.stockpot.merge.method;
