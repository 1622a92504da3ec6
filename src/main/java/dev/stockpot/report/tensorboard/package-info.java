/**
 * Scalars for TensorBoard: its event files, written as a search goes.
 */
package dev.stockpot.report.tensorboard;
