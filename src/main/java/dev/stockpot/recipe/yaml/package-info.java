/** Reads recipes from YAML, and writes them. It knows methods by their names and parameters, and opens no model. */
package dev.stockpot.recipe.yaml;
