/**
 * What the command prints: results as tables and JSON, progress, notes, and failures in terms of the options. Takes values,
 * never options.
 *
 * <p>What may enter: another thing that the command prints.
 */
package dev.stockpot.cli.output;
