package dev.stockpot.evaluate.torchscript;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;

/** Copies of one module, loaded on demand, at most one per job. */
final class ModulePool implements AutoCloseable {
    private final Path file;
    private final Semaphore places;
    private final Deque<LoadedModule> idle = new ArrayDeque<>();
    private boolean closed;

    /** Loads the first copy, which checks the file. */
    ModulePool(Path file, int jobs) {
        this.file = file;
        this.places = new Semaphore(jobs);
        idle.push(LoadedModule.load(file));
    }

    /** Waits for a free copy; the caller closes the lease. */
    Lease lease() throws InterruptedException {
        places.acquire();
        try {
            LoadedModule module = takeIdle();
            return new Lease(module == null ? LoadedModule.load(file) : module);
        } catch (RuntimeException | Error e) {
            places.release();
            throw e;
        }
    }

    private synchronized LoadedModule takeIdle() {
        if (closed) {
            throw new IllegalStateException("the evaluator is closed");
        }
        return idle.poll();
    }

    private synchronized void giveBack(LoadedModule module) {
        if (closed) {
            module.close();
        } else {
            idle.push(module);
        }
        places.release();
    }

    /** Closes the idle copies now, the others when they are returned. */
    @Override
    public synchronized void close() {
        closed = true;
        idle.forEach(LoadedModule::close);
        idle.clear();
    }

    /** A copy lent to one thread. */
    final class Lease implements AutoCloseable {
        private final LoadedModule module;

        private Lease(LoadedModule module) {
            this.module = module;
        }

        LoadedModule module() {
            return module;
        }

        @Override
        public void close() {
            giveBack(module);
        }
    }
}
