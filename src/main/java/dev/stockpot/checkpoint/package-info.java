/**
 * Checkpoints: one model's weights by name, opened from a file, an index or a model directory, or built in memory.
 * Part of the API.
 *
 * <p>In this room: what every format is read into, and how a path leads to a format's reader. Each format has its own room
 * below. What may enter: a choice that holds for all formats. Opening a checkpoint never reads values.
 */
@NullMarked
package dev.stockpot.checkpoint;

import org.jspecify.annotations.NullMarked;
