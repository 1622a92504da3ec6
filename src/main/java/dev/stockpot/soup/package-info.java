/**
 * The recipes of the paper (Wortsman et al., "Model soups", ICML 2022), each to be read beside it, and what every recipe
 * gives: a {@link dev.stockpot.soup.Soup}. Part of the API.
 *
 * <p>In this room: recipes and their results, in the paper's terms. How a mixture is put together, candidates are scored
 * and coefficients descend is in the rooms below. What may enter: another recipe.
 */
@NullMarked
package dev.stockpot.soup;

import org.jspecify.annotations.NullMarked;
