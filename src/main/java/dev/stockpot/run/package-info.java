/**
 * How work is done: a {@link dev.stockpot.run.Run} says with which threads, on what, reading how, and who follows it. Part of
 * the API. Knows nothing of tensors or recipes, and uses nothing of Stockpot.
 */
@NullMarked
package dev.stockpot.run;

import org.jspecify.annotations.NullMarked;
