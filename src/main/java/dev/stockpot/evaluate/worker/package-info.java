/**
 * The {@code worker:} evaluator. A {@link dev.stockpot.evaluate.worker.WorkerEvaluator} keeps as many processes as a
 * recipe has jobs; each {@code WorkerProcess} owns one process and the conversation with it, in the messages of {@code
 * src/main/proto/stockpot_worker.proto}; a {@code GradientFile} is what a worker leaves of a gradient. The only package
 * that sees Protocol Buffers.
 */
package dev.stockpot.evaluate.worker;
