package dev.stockpot.engine.read;

import dev.stockpot.system.TaskPool;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** The threads of a pass that read what others work on next, which keeps a disk or a server busy. */
public final class ReadAhead implements AutoCloseable {
    /** The most requests in progress at a time. */
    private static final int READERS = 8;

    private final Optional<TaskPool> readers;

    private ReadAhead(Optional<TaskPool> readers) {
        this.readers = readers;
    }

    /**
     * Reads ahead for these inputs; idle if their reads come from the page cache, where reading ahead would only move the copy
     * to another core.
     */
    public static ReadAhead of(Inputs inputs) {
        return new ReadAhead(
                inputs.anyAwaited() ? Optional.of(TaskPool.of("stockpot-reader", READERS)) : Optional.empty());
    }

    /** Whether anything is read ahead. */
    boolean reads() {
        return readers.isPresent();
    }

    /** Starts a read as soon as a thread is free. */
    Future<Long> begin(Callable<Long> read) {
        return readers.orElseThrow().submit(read);
    }

    /** Waits until all reads that were started have ended. */
    @Override
    public void close() {
        readers.ifPresent(TaskPool::close);
    }
}
