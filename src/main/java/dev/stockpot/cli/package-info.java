/**
 * The command: one class for each subcommand, each an adapter to the library. The only room that prints and exits.
 *
 * <p>What may enter: another subcommand; what two of them need goes into {@code cli.options} or {@code cli.output}.
 */
package dev.stockpot.cli;
