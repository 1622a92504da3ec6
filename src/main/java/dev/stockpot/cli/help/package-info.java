/**
 * The pages about the commands, from what picocli knows of them: help as wide as the terminal, and man pages. What may enter:
 * another form of these pages; it knows the options by their names alone.
 */
package dev.stockpot.cli.help;
