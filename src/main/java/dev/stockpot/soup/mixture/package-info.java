/**
 * The common base of the recipes: tensors of several checkpoints matched by name, their weights, and the {@link
 * dev.stockpot.soup.mixture.Mixture} of tensors that are still to be computed.
 *
 * <p>What may enter: code that every recipe needs to match or weight tensors.
 */
package dev.stockpot.soup.mixture;
