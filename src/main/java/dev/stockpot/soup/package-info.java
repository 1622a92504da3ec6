/**
 * The recipes of the paper (Wortsman et al., "Model soups", ICML 2022), written to be read next to it, and their common
 * result: a {@link dev.stockpot.soup.Soup}. Part of the API.
 *
 * <p>Contains recipes and their results, in the paper's terms. The packages below build mixtures, score candidates and
 * find coefficients. What may enter: another recipe.
 */
@NullMarked
package dev.stockpot.soup;

import org.jspecify.annotations.NullMarked;
