/**
 * The paper's main table, made for any family of fine-tuned models with a held-out set, a test set and shifted test sets: the
 * best individual model, the soups, and the ensemble (Wortsman et al. 2022, table 3).
 *
 * <p>What may enter: another column of the paper's table.
 */
package dev.stockpot.demo;
