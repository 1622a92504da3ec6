/**
 * From a recipe to the tensors of its output: which models, layers and parameters each is made of.
 *
 * <p>Nothing is read but headers. What may enter: another rule by which a recipe finds a model, a layer or a value.
 */
package dev.stockpot.recipe.plan;
