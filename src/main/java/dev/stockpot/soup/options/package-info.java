/**
 * What recipes are given, and what they tell as they go: options, the objective of a search, its listener. Part of the API.
 * Knows checkpoints and evaluators, and nothing of how a soup is made.
 */
@NullMarked
package dev.stockpot.soup.options;

import org.jspecify.annotations.NullMarked;
