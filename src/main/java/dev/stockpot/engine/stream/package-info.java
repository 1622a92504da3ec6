/**
 * Outputs to streams: a {@link dev.stockpot.engine.stream.StreamedFile} takes a pass's bytes in the order in which they stand
 * in the file, for stores that neither write at a position nor rename; a
 * {@link dev.stockpot.engine.stream.StreamedModel} is a directory of such files. What may enter: what else an output without a file
 * needs.
 */
package dev.stockpot.engine.stream;
