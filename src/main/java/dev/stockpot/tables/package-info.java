/**
 * Scores and hyperparameters of models from tables that people keep: CSV, JSON and JSON lines.
 *
 * <p>What may enter: another layout of such tables.
 */
package dev.stockpot.tables;
