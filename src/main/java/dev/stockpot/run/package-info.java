/**
 * How work is done: a {@link dev.stockpot.run.Run} says with which threads, on what, reading how, and who follows it.
 * Part of the API.
 *
 * <p>In this room: choices, and the listener of a run. Uses nothing of Stockpot. What may enter: a setting that changes
 * no bit of a result.
 */
@NullMarked
package dev.stockpot.run;

import org.jspecify.annotations.NullMarked;
