package dev.stockpot.system;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Runs pieces of work side by side. */
public final class Jobs {
    private Jobs() {}

    /** A piece of work by its number. */
    public interface Job {
        public void run(int number) throws InterruptedException;
    }

    /**
     * Runs the numbers from 0 to {@code count}, {@code side} at a time. Where one fails the others are interrupted; all have
     * ended when this returns or throws.
     */
    public static void run(int side, int count, Job job) throws InterruptedException {
        if (side == 1 || count == 1) {
            for (int i = 0; i < count; i++) {
                job.run(i);
            }
            return;
        }
        ExecutorService pool = Executors.newFixedThreadPool(Math.min(side, count), body -> {
            Thread thread = new Thread(body, "stockpot-score");
            thread.setDaemon(true);
            return thread;
        });
        ExecutorCompletionService<Void> done = new ExecutorCompletionService<>(pool);
        try {
            for (int i = 0; i < count; i++) {
                int number = i;
                done.submit(() -> {
                    job.run(number);
                    return null;
                });
            }
            for (int i = 0; i < count; i++) {
                done.take().get();
            }
        } catch (ExecutionException e) {
            throw asItWas(e.getCause());
        } finally {
            pool.shutdownNow();
            awaitAll(pool);
        }
    }

    private static RuntimeException asItWas(Throwable cause) throws InterruptedException {
        if (cause instanceof InterruptedException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return (RuntimeException) cause;
    }

    /** Candidates and the journal must not go before the jobs that use them have ended. */
    private static void awaitAll(ExecutorService pool) {
        boolean interrupted = false;
        while (true) {
            try {
                if (pool.awaitTermination(1, TimeUnit.DAYS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
