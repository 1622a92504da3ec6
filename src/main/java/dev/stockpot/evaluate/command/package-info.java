/**
 * The {@code cmd:} evaluator: runs a command for each candidate; its last line is the score. No shell is run.
 *
 * <p>What may enter: code for running a command line on a candidate.
 */
package dev.stockpot.evaluate.command;
