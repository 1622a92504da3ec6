/**
 * What formats have in common: what a reader finds ({@link dev.stockpot.checkpoint.file.Contents}), what a writer lays
 * out ({@link dev.stockpot.checkpoint.file.FileLayout}), how a file is told from its first bytes, and files read
 * plainly.
 *
 * <p>What may enter: what a second format needs too.
 */
package dev.stockpot.checkpoint.file;
