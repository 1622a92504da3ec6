/**
 * The {@code cmd:} evaluator: a command for each candidate, whose last line is the score. No shell is run.
 *
 * <p>What may enter: what a command line needs that is run for a candidate.
 */
package dev.stockpot.evaluate.command;
