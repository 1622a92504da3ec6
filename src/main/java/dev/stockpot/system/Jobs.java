package dev.stockpot.system;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;

/** Numbered jobs, several at a time. */
public final class Jobs {
    private Jobs() {}

    /** A job by its number. */
    @FunctionalInterface
    public interface Job {
        void run(int number) throws InterruptedException;
    }

    /**
     * Runs jobs 0 to {@code count} - 1, {@code side} at a time. If one fails, the others are interrupted; all have ended when
     * this returns or throws.
     */
    public static void run(int side, int count, Job job) throws InterruptedException {
        if (side == 1 || count == 1) {
            for (int i = 0; i < count; i++) {
                job.run(i);
            }
            return;
        }
        BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();
        try (TaskPool pool = TaskPool.of("stockpot-job", Math.min(side, count))) {
            try {
                List<Future<?>> futures = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    int number = i;
                    futures.add(pool.submit(() -> {
                        try {
                            job.run(number);
                        } finally {
                            ended.add(number);
                        }
                        return null;
                    }));
                }
                for (int i = 0; i < count; i++) {
                    futures.get(ended.take()).get();
                }
            } catch (ExecutionException e) {
                throw asItWas(e.getCause());
            } finally {
                pool.interrupt();
            }
        }
    }

    /** What a job threw: throws it, or returns it to be thrown. */
    public static RuntimeException asItWas(Throwable cause) throws InterruptedException {
        if (cause instanceof InterruptedException e) {
            throw e;
        }
        if (cause instanceof Error e) {
            throw e;
        }
        return (RuntimeException) cause;
    }
}
