/**
 * What a tensor is, and where its values are: element types, names and shapes, files and memory. Part of the API.
 *
 * <p>In this room: values without behaviour, and the one codec of single elements, {@link
 * dev.stockpot.tensor.FloatFormat}. Uses nothing of Stockpot. What may enter: what every format, kernel and recipe has
 * to agree on.
 */
@NullMarked
package dev.stockpot.tensor;

import org.jspecify.annotations.NullMarked;
