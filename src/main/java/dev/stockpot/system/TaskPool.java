package dev.stockpot.system;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;

/** Threads for one piece of work: named daemons that end on {@link #close}. They may be borrowed from a caller instead. */
public final class TaskPool implements AutoCloseable {
    private final Executor executor;
    private final Optional<ExecutorService> own;

    private TaskPool(Executor executor, Optional<ExecutorService> own) {
        this.executor = executor;
        this.own = own;
    }

    /** At most {@code threads} threads of its own, started as tasks arrive. */
    public static TaskPool of(String name, int threads) {
        ExecutorService own = Executors.newFixedThreadPool(threads, body -> daemon(name, body));
        return new TaskPool(own, Optional.of(own));
    }

    /** As many threads as there are tasks at a time; one that has nothing to do for a minute ends. */
    public static TaskPool lasting(String name) {
        ExecutorService own = Executors.newCachedThreadPool(body -> daemon(name, body));
        return new TaskPool(own, Optional.of(own));
    }

    private static Thread daemon(String name, Runnable body) {
        Thread thread = new Thread(body, name);
        thread.setDaemon(true);
        return thread;
    }

    /** The threads of a caller's executor. */
    public static TaskPool borrowed(Executor executor) {
        return new TaskPool(executor, Optional.empty());
    }

    /** Runs {@code task} as soon as a thread is free; it should not throw. */
    public void execute(Runnable task) {
        executor.execute(task);
    }

    /** Runs {@code task} as soon as a thread is free, and keeps its result. */
    public <T> Future<T> submit(Callable<T> task) {
        FutureTask<T> future = new FutureTask<>(task);
        executor.execute(future);
        return future;
    }

    /** Interrupts running tasks and drops waiting ones, but only on threads of its own. */
    public void interrupt() {
        own.ifPresent(ExecutorService::shutdownNow);
    }

    /**
     * The result of a task. Even an interrupted thread waits for it, and stays interrupted.
     *
     * @throws RuntimeException or an {@link Error} if the task threw it
     */
    public static <T> T await(Future<T> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unchecked(e.getCause());
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unchecked(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        return failure instanceof RuntimeException e ? e : new IllegalStateException(failure);
    }

    /** Waits until all tasks have ended, and ends the threads. */
    @Override
    public void close() {
        if (own.isEmpty()) {
            return;
        }
        own.get().shutdown();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = own.get().awaitTermination(1, TimeUnit.DAYS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
