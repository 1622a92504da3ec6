/**
 * Scalars for TensorBoard: its event files, written while a search runs.
 *
 * <p>What may enter: another record of the event file format.
 */
package dev.stockpot.report.tensorboard;
