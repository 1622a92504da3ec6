/**
 * How work is done: a {@link dev.stockpot.run.Run} says with which threads, on which device, how files are read, and
 * which listener follows. Part of the API.
 *
 * <p>Contains choices, and the listener of a run. Uses no other package of Stockpot. What may enter: a setting that
 * changes no bit of a result.
 */
@NullMarked
package dev.stockpot.run;

import org.jspecify.annotations.NullMarked;
