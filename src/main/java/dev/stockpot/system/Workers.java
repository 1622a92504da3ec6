package dev.stockpot.system;

import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;

/**
 * The threads of one run: the first failure, or an interruption of the caller or of one of them, stops them all; none
 * outlives the run. Threads that an executor lends may start late or not at all, if it is busy or shut down: the run needs
 * only one of them, and waits for none that has not started once one has ended.
 */
public final class Workers {
    /**
     * What each thread does until nothing is left to do for any thread. It checks {@link Workers#stopped} every few
     * milliseconds.
     */
    @FunctionalInterface
    public interface Work<E extends Exception> {
        void run() throws E, InterruptedException;
    }

    /** How often to check whether the executor still runs, in milliseconds. */
    private static final long CHECK = 1000;

    private final Optional<Executor> lender;
    private volatile boolean stop;
    /** Threads that are working. */
    private int working;
    /** Whether threads that have not started yet have nothing to do. */
    private boolean over;

    private boolean interrupted;
    private Throwable failure;

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
        return stop;
    }

    /**
     * Runs {@code work} on {@code threads} threads and waits for all that have started. Call it once.
     *
     * @throws E if that is the first failure; unchecked exceptions and errors are thrown too
     * @throws InterruptedException if the calling thread or one of the executor's was interrupted
     * @throws RejectedExecutionException if the executor has ended and started no thread
     */
    public <E extends Exception> void run(int threads, Work<E> work) throws E, InterruptedException {
        // Work that ends before it is waited for would miss the interruption.
        if (Thread.interrupted()) {
            throw new InterruptedException("cancelled");
        }
        try (TaskPool pool = lender.map(TaskPool::borrowed).orElseGet(() -> TaskPool.of("stockpot-worker", threads))) {
            start(threads, work, pool);
            await();
        }
        if (interrupted) {
            throw new InterruptedException("cancelled");
        }
        if (failure != null) {
            throw Workers.<E>thrown(failure);
        }
    }

    private void start(int threads, Work<?> work, TaskPool pool) {
        int accepted = 0;
        try {
            for (; accepted < threads; accepted++) {
                pool.execute(() -> work(work));
            }
        } catch (RejectedExecutionException e) {
            // The threads that a full executor has accepted do the work.
            if (accepted == 0) {
                fail(e);
            }
        } catch (RuntimeException | Error e) {
            fail(e);
        }
    }

    private void work(Work<?> work) {
        if (!begin()) {
            return;
        }
        try {
            work.run();
        } catch (InterruptedException e) {
            interrupt();
            Thread.currentThread().interrupt();
        } catch (Exception | Error e) {
            // Reading a channel on an interrupted thread closes it: whatever failed then did so for that reason.
            if (Thread.currentThread().isInterrupted()) {
                interrupt();
            } else {
                fail(e);
            }
        } finally {
            end();
        }
    }

    private synchronized boolean begin() {
        working += over ? 0 : 1;
        return !over;
    }

    private synchronized void end() {
        working--;
        over = true;
        notifyAll();
    }

    private synchronized void fail(Throwable e) {
        stop = true;
        over = true;
        failure = failure == null ? e : failure;
    }

    private synchronized void interrupt() {
        stop = true;
        over = true;
        interrupted = true;
    }

    /** Waits for all threads that have started, even if one fails: their buffers and the mappings must outlive them. */
    private synchronized void await() {
        while (working > 0 || !over) {
            try {
                wait(CHECK);
            } catch (InterruptedException e) {
                interrupt();
            }
            if (!over && working == 0 && hasEnded()) {
                fail(new RejectedExecutionException("the run's executor has ended"));
            }
        }
    }

    private boolean hasEnded() {
        return lender.isPresent() && lender.get() instanceof ExecutorService service && service.isTerminated();
    }

    @SuppressWarnings("unchecked")
    private static <E extends Exception> E thrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException e) {
            throw e;
        }
        return (E) failure;
    }
}
