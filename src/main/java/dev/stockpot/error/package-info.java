/**
 * One family of exceptions, each with a {@link dev.stockpot.error.Reason} and the file, tensor and
 * numbers that it is about. Part of the API.
 *
 * <p>Uses nothing else of Stockpot, and knows of no command line. What may enter: a reason that a program would act on in
 * its own way.
 */
@NullMarked
package dev.stockpot.error;

import org.jspecify.annotations.NullMarked;
