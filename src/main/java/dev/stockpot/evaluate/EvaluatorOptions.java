package dev.stockpot.evaluate;

import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * What the kinds of evaluators can be told; each takes what it understands.
 *
 * @param data held-out set of the in-process evaluators: a safetensors file with {@code inputs} and {@code labels}, or null
 * @param batchSize examples that an in-process evaluator scores at a time, at least 1
 * @param timeout longest that one evaluation may take, or null for no limit
 * @param jobs how many evaluations may run side by side, at least 1
 * @param threads processor threads that the in-process evaluators may use in all, at least 1
 * @param output takes each line that an evaluator's process writes to stderr
 * @param notes takes what the user may want to know
 */
public record EvaluatorOptions(
        Path data,
        int batchSize,
        Duration timeout,
        int jobs,
        int threads,
        Consumer<String> output,
        Consumer<String> notes) {
    /** The batch size where none is given. */
    public static final int DEFAULT_BATCH_SIZE = 256;

    public EvaluatorOptions {
        if (batchSize < 1 || jobs < 1 || threads < 1) {
            throw new IllegalArgumentException("batch size, jobs and threads should be at least 1 but are " + batchSize
                    + ", " + jobs + " and " + threads);
        }
    }

    /** One evaluation at a time on all processors, no time limit, silent. */
    public static EvaluatorOptions defaults() {
        return new EvaluatorOptions(
                null, DEFAULT_BATCH_SIZE, null, 1, Runtime.getRuntime().availableProcessors(), line -> {}, note -> {});
    }

    /** With a held-out set. */
    public EvaluatorOptions withData(Path file) {
        return new EvaluatorOptions(file, batchSize, timeout, jobs, threads, output, notes);
    }
}
