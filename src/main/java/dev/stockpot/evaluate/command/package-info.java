/**
 * The {@code cmd:} evaluator: runs a command for each candidate, and finds the score in what it prints. No shell is run.
 *
 * <p>What may enter: code for running a command line on a candidate.
 */
package dev.stockpot.evaluate.command;
