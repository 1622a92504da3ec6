/**
 * Options that several subcommands share, and their translation into the library's terms. What may enter: a group of
 * options that two subcommands have.
 */
package dev.stockpot.cli.options;
