/** From a recipe to the tensors of its output: which models, layers and parameters each is made of. */
package dev.stockpot.recipe.plan;
