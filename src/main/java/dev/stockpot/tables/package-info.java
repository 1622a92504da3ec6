/**
 * Scores and hyperparameters of models from tables that people keep: CSV, JSON and JSON lines.
 */
package dev.stockpot.tables;
