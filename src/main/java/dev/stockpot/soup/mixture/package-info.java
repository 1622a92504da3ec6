/**
 * What every recipe comes to: tensors of several checkpoints matched by name, their weights, and the {@link
 * dev.stockpot.soup.mixture.Mixture} of tensors that are still to be made.
 */
package dev.stockpot.soup.mixture;
