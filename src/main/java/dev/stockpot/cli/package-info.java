/**
 * The command: one class for each subcommand, each an adapter to the library. The only room that prints and exits.
 */
package dev.stockpot.cli;
