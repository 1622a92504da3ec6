/**
 * The inputs of recipes and the events that they report: options, the objective of a search, its listener. Part of the
 * API.
 *
 * <p>Depends on checkpoints and evaluators, and not on how a soup is made. What may enter: an option of a recipe.
 */
@NullMarked
package dev.stockpot.soup.options;

import org.jspecify.annotations.NullMarked;
