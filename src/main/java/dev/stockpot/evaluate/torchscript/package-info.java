/**
 * The evaluator that runs a TorchScript module in this process. {@link
 * dev.stockpot.evaluate.torchscript.TorchScriptEvaluator} takes a module copy from the pool, mixes the candidate into that
 * copy's parameters, feeds it the held-out set batch by batch and tallies its logits. libtorch is an optional dependency:
 * {@code TorchScriptEvaluator} refers to none of its types, and the first use of another class here reports what is missing.
 *
 * <p>Ownership of native objects follows JavaCPP: a {@code PointerScope} around a call owns those of the call; those that
 * live on are retained and closed by the class that keeps them. A candidate is never asked to mix inside such a scope,
 * which would take over any native objects that the candidate makes.
 *
 * <p>What may enter: another metric of a module's outputs, or another way to hand a candidate to it.
 */
package dev.stockpot.evaluate.torchscript;
