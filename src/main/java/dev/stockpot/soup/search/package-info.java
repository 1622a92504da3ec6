/**
 * How candidates are scored: files for those that are handed over, the journal that keeps scores, the choice of a GPU.
 * Knows no recipe: greedy, learned and the diagnosis use it alike.
 *
 * <p>What may enter: what every search of a recipe needs.
 */
package dev.stockpot.soup.search;
