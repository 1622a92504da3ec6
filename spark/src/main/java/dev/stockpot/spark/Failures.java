package dev.stockpot.spark;

import dev.stockpot.error.Details;
import dev.stockpot.error.StockpotException;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;

/** Jobs that fail: Spark wraps what a task threw, and people want that. */
final class Failures {
    private Failures() {}

    /**
     * Runs a job.
     *
     * @param otherwise makes the exception of a message and its cause, if the task threw none of Stockpot's
     * @throws StockpotException what its task failed with, at the last attempt
     * @throws InterruptedException if the thread is interrupted
     */
    static <T> T told(Callable<T> job, BiFunction<String, Details, StockpotException> otherwise)
            throws InterruptedException {
        try {
            return job.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            Throwable last = e;
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof StockpotException ours) {
                    throw ours;
                }
                last = cause;
            }
            String why = String.valueOf(last.getMessage()).lines().findFirst().orElse("");
            throw otherwise.apply("Spark's job failed: " + why, Details.of().cause(e));
        }
    }
}
