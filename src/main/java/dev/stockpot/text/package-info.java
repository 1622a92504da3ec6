/**
 * Names, numbers and JSON as people and files have them: lists of names with "and n more", a model's short name, figures
 * with units, JSON as plain values.
 *
 * <p>Uses nothing of Stockpot. What may enter: a small idea of text that two rooms need.
 */
package dev.stockpot.text;
