/**
 * How elements come into memory: an {@link dev.stockpot.engine.read.Input} is a file that is mapped, buffered or read
 * past the page cache, or a program's memory; {@link dev.stockpot.engine.read.TileSources} brings a tile of every
 * source. What may enter: another way to read.
 */
package dev.stockpot.engine.read;
