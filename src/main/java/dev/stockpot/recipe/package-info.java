/**
 * Recipes: merges written down, as mergekit's YAML has them. Part of the API.
 *
 * <p>{@code recipe.yaml} reads and writes them, {@code recipe.plan} finds their models. What may enter: what a recipe can say.
 */
@NullMarked
package dev.stockpot.recipe;

import org.jspecify.annotations.NullMarked;
