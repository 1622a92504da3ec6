/**
 * Model soups: the weights of many fine-tuned checkpoints averaged into one model. Start at {@link
 * dev.stockpot.Stockpot}.
 *
 * <p>Contains the entry point, the evaluators that come with Stockpot, and {@link dev.stockpot.Session}. The API is this
 * package and {@code error}, {@code tensor}, {@code run}, {@code checkpoint}, {@code evaluate}, {@code soup}, {@code
 * soup.options} and {@code diagnose}; everything else may change, and the module does not export it. What may enter: a
 * method that only delegates to a package below.
 */
@NullMarked
package dev.stockpot;

import org.jspecify.annotations.NullMarked;
