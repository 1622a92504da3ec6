/**
 * The command {@code stockpot-spark}, a main class for {@code spark-submit}: a class for each subcommand, and the options that
 * they share. What may enter: another command of {@code stockpot} whose work executors share.
 */
package dev.stockpot.spark.command;
