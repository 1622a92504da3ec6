/**
 * What a tensor is, and where its values are: element types, names and shapes, files and memory. Part of the API.
 *
 * <p>In this room: values without behaviour, and the only codec of single elements, {@link
 * dev.stockpot.tensor.FloatFormat}. Uses nothing else of Stockpot. What may enter: anything that every format, kernel and
 * recipe has to agree on.
 */
@NullMarked
package dev.stockpot.tensor;

import org.jspecify.annotations.NullMarked;
