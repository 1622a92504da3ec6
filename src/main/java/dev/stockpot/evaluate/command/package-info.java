/**
 * The {@code cmd:} evaluator: a command for each candidate, whose last line is the score. No shell is run.
 */
package dev.stockpot.evaluate.command;
