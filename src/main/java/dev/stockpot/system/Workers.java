package dev.stockpot.system;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** The threads of one run: the first failure, or an interruption of the caller, stops them all, and none outlives the run. */
public final class Workers {
    /** What each thread does; it looks at {@link Workers#stopped} every few milliseconds. */
    @FunctionalInterface
    public interface Work {
        void run() throws IOException;
    }

    private final AtomicBoolean stop = new AtomicBoolean();

    /** Whether to go no further. */
    public boolean stopped() {
        return stop.get();
    }

    /**
     * Runs {@code work} on {@code threads} threads and waits for all of them.
     *
     * @throws IOException where that is the first failure; any other is thrown as it is
     * @throws InterruptedException where the calling thread was interrupted
     */
    public void run(int threads, Work work) throws IOException, InterruptedException {
        // Work that is done before anyone waits for it would not notice.
        if (Thread.interrupted()) {
            throw new InterruptedException("cancelled");
        }
        ExecutorService pool = Executors.newFixedThreadPool(threads, body -> {
            Thread thread = new Thread(body, "stockpot-worker");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<?>> futures = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                futures.add(pool.submit(() -> {
                    runUntilFailure(work);
                    return null;
                }));
            }
            join(futures);
        } finally {
            pool.shutdown();
        }
    }

    private void runUntilFailure(Work work) throws IOException {
        try {
            work.run();
        } catch (IOException | RuntimeException | Error e) {
            stop.set(true);
            throw e;
        }
    }

    /** Waits for all threads, whatever happens to one: their buffers and the mappings must not go before they do. */
    private void join(List<Future<?>> futures) throws IOException, InterruptedException {
        Throwable failure = null;
        boolean interrupted = false;
        for (Future<?> future : futures) {
            while (true) {
                try {
                    future.get();
                    break;
                } catch (ExecutionException e) {
                    failure = failure == null ? e.getCause() : failure;
                    break;
                } catch (InterruptedException e) {
                    interrupted = true;
                    stop.set(true);
                }
            }
        }
        if (interrupted) {
            throw new InterruptedException("cancelled");
        }
        if (failure instanceof IOException e) {
            throw e;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        if (failure instanceof Error e) {
            throw e;
        }
    }
}
