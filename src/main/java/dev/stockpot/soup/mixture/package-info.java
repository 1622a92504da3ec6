/**
 * What every recipe comes to: tensors of several checkpoints matched by name, their weights, and the {@link
 * dev.stockpot.soup.mixture.Mixture} of tensors that are still to be made.
 *
 * <p>What may enter: what every recipe needs to match or weigh tensors.
 */
package dev.stockpot.soup.mixture;
