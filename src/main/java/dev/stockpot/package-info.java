/**
 * Model soups: the weights of many fine-tuned checkpoints averaged into one model. Start at {@link dev.stockpot.Stockpot}.
 * The public API is this package and what it returns; everything else may change.
 */
package dev.stockpot;
