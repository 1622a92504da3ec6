package dev.stockpot.system;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** The threads of one run: the first failure, or an interruption of the caller, stops them all; none outlives the run. */
public final class Workers {
    /** What each thread does; it checks {@link Workers#stopped} every few milliseconds. */
    @FunctionalInterface
    public interface Work {
        void run() throws IOException;
    }

    private final Optional<Executor> lender;
    private final AtomicBoolean stop = new AtomicBoolean();

    /** On threads of its own. */
    public Workers() {
        this(Optional.empty());
    }

    /** On a caller's threads, if there is a {@code lender}. */
    public Workers(Optional<Executor> lender) {
        this.lender = lender;
    }

    /** Whether to stop. */
    public boolean stopped() {
        return stop.get();
    }

    /**
     * Runs {@code work} on {@code threads} threads and waits for all of them.
     *
     * @throws IOException if that is the first failure; any other type is thrown unchanged
     * @throws InterruptedException if the calling thread was interrupted
     */
    public void run(int threads, Work work) throws IOException, InterruptedException {
        // Work that ends before it is waited for would miss the interruption.
        if (Thread.interrupted()) {
            throw new InterruptedException("cancelled");
        }
        List<Future<?>> futures = new ArrayList<>();
        try (TaskPool pool = lender.map(TaskPool::borrowed).orElseGet(() -> TaskPool.of("stockpot-worker", threads))) {
            try {
                for (int t = 0; t < threads; t++) {
                    futures.add(pool.submit(() -> {
                        runUntilFailure(work);
                        return null;
                    }));
                }
            } catch (RuntimeException | Error e) {
                // If a thread cannot be started, the others must not go on using what is closed next.
                stop.set(true);
                join(futures);
                throw e;
            }
            join(futures);
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

    /** Waits for all threads, even if one fails: their buffers and the mappings must outlive them. */
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
