/**
 * The {@code worker:} evaluator. A {@link dev.stockpot.evaluate.worker.WorkerEvaluator} keeps as many processes as a
 * recipe has jobs; each {@code WorkerProcess} owns one process and the conversation with it, in the messages of {@code
 * src/main/proto/stockpot_worker.proto}; a {@code WorkerGradient} is a gradient that a worker wrote. Only this package
 * and {@link dev.stockpot.report.tensorboard} see Protocol Buffers.
 *
 * <p>What may enter: a message of the protocol, with docs/worker-protocol.md changed along with it.
 */
package dev.stockpot.evaluate.worker;
