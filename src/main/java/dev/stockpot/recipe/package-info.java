/** Recipes: merges written down, as mergekit's YAML has them. {@code recipe.yaml} reads and writes them, {@code recipe.plan} finds their models. */
package dev.stockpot.recipe;
