/**
 * Names, numbers and JSON as people and files write them: lists of names with "and n more", a model's short name, figures
 * with units, JSON as plain values.
 *
 * <p>Uses nothing else of Stockpot. What may enter: a small text utility that two rooms need.
 */
package dev.stockpot.text;
