/**
 * Evaluators turn a candidate soup into scores on the held-out set. A recipe hands an {@link
 * dev.stockpot.evaluate.Evaluator} one {@link dev.stockpot.evaluate.Candidate} after another; the evaluator takes its
 * values as a file or in its own memory, and returns {@link dev.stockpot.evaluate.Scores}. A {@link
 * dev.stockpot.evaluate.GradientEvaluator} differentiates its loss as well. Part of the API.
 *
 * <p>In this room: interfaces and their value types. Depends on tensors, on no recipe. The evaluators that ship with
 * Stockpot are in rooms below.
 *
 * <p>What may enter: an interface that every evaluator can implement.
 */
@NullMarked
package dev.stockpot.evaluate;

import org.jspecify.annotations.NullMarked;
