/**
 * How candidates are scored: files for those that are handed over, what they are known by, the journal that keeps scores,
 * the choice of a GPU.
 * Independent of recipes: greedy, learned and the diagnosis all use it.
 *
 * <p>What may enter: code that every search needs.
 */
package dev.stockpot.soup.search;
