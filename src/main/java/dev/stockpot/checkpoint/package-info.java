/**
 * Checkpoints: one model's weights by name, opened from a file, an index or a model directory, or put together in
 * memory. Part of the API.
 *
 * <p>In this room: what every format comes to, and how a path leads to a format's reader. The formats are rooms of their
 * own below. What may enter: a choice that holds for all formats. Values are never read when a checkpoint is opened.
 */
@NullMarked
package dev.stockpot.checkpoint;

import org.jspecify.annotations.NullMarked;
