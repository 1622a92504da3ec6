/**
 * Evaluators: what turns a candidate soup into scores on the held-out set. A recipe hands an {@link
 * dev.stockpot.evaluate.Evaluator} one {@link dev.stockpot.evaluate.Candidate} after the other; the evaluator takes its
 * values as a file or into its own memory, and gives {@link dev.stockpot.evaluate.Scores} back. A {@link
 * dev.stockpot.evaluate.GradientEvaluator} differentiates its loss as well. Part of the API.
 *
 * <p>In this room: interfaces and their values. Knows tensors, and no recipe. Evaluators that come along have rooms
 * below.
 *
 * <p>What may enter: an interface that every evaluator can meet.
 */
@NullMarked
package dev.stockpot.evaluate;

import org.jspecify.annotations.NullMarked;
