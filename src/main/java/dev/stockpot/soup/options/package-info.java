/**
 * What recipes are given, and what they tell as they go: options, the objective of a search, its listener. Part of the
 * API.
 *
 * <p>Knows checkpoints and evaluators, and nothing of how a soup is made. What may enter: an option of a recipe.
 */
@NullMarked
package dev.stockpot.soup.options;

import org.jspecify.annotations.NullMarked;
