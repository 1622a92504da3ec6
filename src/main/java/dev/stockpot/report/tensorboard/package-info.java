/**
 * Scalars for TensorBoard: its event files, written as a search goes.
 *
 * <p>What may enter: another record of the event file format.
 */
package dev.stockpot.report.tensorboard;
