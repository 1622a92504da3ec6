/**
 * Trains the ingredients in {@code examples/demo}: one small network is pre-trained, then fine-tuned many times with
 * hyperparameters drawn at random (Wortsman et al. 2022, section 3.3). Separate from the library: it is needed to remake the
 * ingredients, not to use them.
 */
package dev.stockpot.training;
