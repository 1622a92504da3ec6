/**
 * Model soups: the weights of many fine-tuned checkpoints averaged into one model. Start at {@link
 * dev.stockpot.Stockpot}.
 *
 * <p>In this room: the front door, the evaluators that come along, and {@link dev.stockpot.Session}. The API is this
 * package and {@code error}, {@code tensor}, {@code run}, {@code checkpoint}, {@code evaluate}, {@code soup}, {@code
 * soup.options} and {@code diagnose}; all else may change, and the module does not export it. What may enter: a method
 * that opens a door of a room below, and does nothing else.
 */
@NullMarked
package dev.stockpot;

import org.jspecify.annotations.NullMarked;
