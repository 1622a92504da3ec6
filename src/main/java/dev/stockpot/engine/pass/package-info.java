/**
 * The pass over the ingredients: {@link dev.stockpot.engine.pass.Pass}, the only one there is, and its uses: mixing into
 * memory, dot products with gradients, inner products of deviations. What may enter: another use that is not an operation
 * of one recipe.
 */
package dev.stockpot.engine.pass;
