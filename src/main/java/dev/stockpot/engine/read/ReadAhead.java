package dev.stockpot.engine.read;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The threads of a run that read what others will mix next: a disk, or a server, is kept busy while they mix. */
public final class ReadAhead implements AutoCloseable {
    /** How many requests are under way at most. */
    private static final int READERS = 8;

    private final ExecutorService readers = Executors.newFixedThreadPool(READERS, body -> {
        Thread thread = new Thread(body, "stockpot-reader");
        thread.setDaemon(true);
        return thread;
    });

    private ReadAhead() {}

    /** For these files; null where their reads wait for nothing, and would only be copied by another processor. */
    public static ReadAhead of(InputFiles inputs) {
        return inputs.anyAwaited() ? new ReadAhead() : null;
    }

    /** Begins a read as soon as a thread is free. */
    Future<Long> begin(Callable<Long> read) {
        return readers.submit(read);
    }

    /** What a read gives, or throws. It is waited for even by an interrupted thread, which stays interrupted. */
    static long await(Future<Long> read) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return read.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw (RuntimeException) e.getCause();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Once all that was begun is over. */
    @Override
    public void close() {
        readers.shutdown();
    }
}
