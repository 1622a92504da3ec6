package dev.stockpot.soup;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;

/** Work in its own thread, which is interrupted if the future is cancelled. */
final class Cancellable<T> extends CompletableFuture<T> {
    private volatile Thread thread;

    private Cancellable() {}

    static <T> CompletableFuture<T> start(String name, Callable<T> work) {
        Cancellable<T> result = new Cancellable<>();
        Thread thread = new Thread(() -> result.run(work), name);
        thread.setDaemon(true);
        result.thread = thread;
        thread.start();
        return result;
    }

    private void run(Callable<T> work) {
        try {
            complete(work.call());
        } catch (InterruptedException e) {
            completeExceptionally(new CancellationException("cancelled"));
        } catch (Exception | Error e) {
            completeExceptionally(e);
        }
    }

    @Override
    public boolean cancel(boolean mayInterrupt) {
        boolean cancelled = super.cancel(mayInterrupt);
        thread.interrupt();
        return cancelled;
    }
}
