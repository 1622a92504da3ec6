/**
 * What formats have in common: what a reader finds ({@link dev.stockpot.checkpoint.file.Contents}), what a writer lays
 * out ({@link dev.stockpot.checkpoint.file.FileLayout}), how a file is recognised by its first bytes, and plain reads
 * of files.
 *
 * <p>What may enter: anything that a second format needs too.
 */
package dev.stockpot.checkpoint.file;
