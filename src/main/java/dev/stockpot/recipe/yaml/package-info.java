/**
 * Reads recipes from YAML, and writes them.
 *
 * <p>It knows methods by their names and parameters, and opens no model. What may enter: another form that recipes have.
 */
package dev.stockpot.recipe.yaml;
