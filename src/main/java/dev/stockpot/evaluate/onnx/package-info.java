/**
 * The evaluator that runs an ONNX model in this process. {@link dev.stockpot.evaluate.onnx.OnnxEvaluator} gives ONNX Runtime
 * the model without its weights and the candidate's values beside it, in memory; the runtime makes a session of both, which
 * scores the held-out set batch by batch. ONNX Runtime is an optional dependency: {@code OnnxEvaluator} refers to none of its
 * types, and the first use of another class here reports what is missing.
 *
 * <p>What may enter: another way to hand a candidate to the runtime, or another of its devices.
 */
package dev.stockpot.evaluate.onnx;
