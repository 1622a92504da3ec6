/**
 * The {@code cmd:} evaluator: runs a command for each candidate; its last line is the score. No shell is run.
 *
 * <p>What may enter: what running a command line for a candidate needs.
 */
package dev.stockpot.evaluate.command;
