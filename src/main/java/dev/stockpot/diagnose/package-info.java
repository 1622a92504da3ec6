/**
 * Whether ingredients make a good soup: distances and angles between them, scores along the lines, and what both mean.
 * Also compares two checkpoints tensor by tensor. Part of the API.
 *
 * <p>What may enter: another measurement, or another finding with its source.
 */
@NullMarked
package dev.stockpot.diagnose;

import org.jspecify.annotations.NullMarked;
