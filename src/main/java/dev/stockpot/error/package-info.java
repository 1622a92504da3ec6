/**
 * What is thrown: one family of exceptions, each with a {@link dev.stockpot.error.Reason} and the file, tensor and numbers that
 * it is about. Part of the API. Every room may throw; nothing of Stockpot is used here, and nothing here knows of a command
 * line.
 */
@NullMarked
package dev.stockpot.error;

import org.jspecify.annotations.NullMarked;
