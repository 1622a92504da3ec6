package dev.stockpot.engine.read;

import dev.stockpot.checkpoint.file.Opening;
import dev.stockpot.system.OpenFileLimit;
import dev.stockpot.tensor.FileSource;
import java.io.Closeable;
import java.io.IOException;
import java.util.function.LongSupplier;

/**
 * The files that a pass has open, so many at most that any number of ingredients can be read. A file past the limit is opened
 * for each use. It does not take another's turn: a pass comes to all of its files again and again, so the one that was used
 * longest ago is the one to be used next.
 */
final class OpenFiles {
    /** So many files are kept open under any limit. */
    private static final int ALWAYS = 32;
    /** The share of all files that a process may have open: it has others, and other passes. */
    private static final int SHARE = 4;

    private final LongSupplier limit;
    private long kept;
    private long most = ALWAYS;
    private boolean asked;

    OpenFiles() {
        this(OpenFileLimit::now);
    }

    /** @param limit how many files the process may have open; asked only if there are more than a few */
    OpenFiles(LongSupplier limit) {
        this.limit = limit;
    }

    /** Something done with an open file. */
    @FunctionalInterface
    interface Use<C, T> {
        T of(C file) throws IOException;
    }

    private synchronized boolean mayKeep() {
        if (kept == most && !asked) {
            asked = true;
            most = Math.max(ALWAYS, limit.getAsLong() / SHARE);
        }
        boolean may = kept < most;
        kept += may ? 1 : 0;
        return may;
    }

    /** A file that is opened when it is used first. */
    <C extends Closeable> Reopened<C> file(FileSource source, Opening.Way<C> way) {
        return new Reopened<>(source, way);
    }

    /** A file in one version, for any number of threads. */
    final class Reopened<C extends Closeable> implements Closeable {
        private final FileSource source;
        private final Opening.Way<C> way;
        private C open;

        private Reopened(FileSource source, Opening.Way<C> way) {
            this.source = source;
            this.way = way;
        }

        /**
         * Opens it, unless it is open.
         *
         * @throws dev.stockpot.error.CheckpointException if it is another version now
         */
        <T> T use(Use<? super C, T> use) throws IOException {
            C file = keptOpen();
            if (file != null) {
                return use.of(file);
            }
            try (C opened = Opening.of(source, way).file()) {
                return use.of(opened);
            }
        }

        private synchronized C keptOpen() throws IOException {
            if (open == null && mayKeep()) {
                open = Opening.of(source, way).file();
            }
            return open;
        }

        @Override
        public synchronized void close() throws IOException {
            if (open != null) {
                open.close();
            }
        }
    }
}
