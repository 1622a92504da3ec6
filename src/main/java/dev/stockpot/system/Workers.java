package dev.stockpot.system;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** The threads of one run: the first failure, or an interruption of the caller, stops them all, and none outlives the run. */
public final class Workers {
    /** What each thread does; it looks at {@link Workers#stopped} every few milliseconds. */
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
                // A thread that cannot be started must not leave the others at work on what is closed next.
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
