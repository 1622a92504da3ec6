/**
 * What evaluators that run a network in this process have in common: the {@link dev.stockpot.evaluate.heldout.HeldOutSet},
 * which tensors of the {@link dev.stockpot.evaluate.heldout.Network} take which of a candidate's, and the scores of its
 * {@link dev.stockpot.evaluate.heldout.LogitRows}. Depends on no library that runs networks.
 *
 * <p>What may enter: another metric of logits, another rule of how names match.
 */
package dev.stockpot.evaluate.heldout;
