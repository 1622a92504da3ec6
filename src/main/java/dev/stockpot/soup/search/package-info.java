/**
 * How candidates are scored: files for those that are handed over, the journal that keeps scores, the choice of a GPU.
 * Knows no recipe: greedy, learned and the diagnosis use it alike.
 */
package dev.stockpot.soup.search;
