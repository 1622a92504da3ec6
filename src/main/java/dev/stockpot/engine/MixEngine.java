package dev.stockpot.engine;

import dev.stockpot.error.CheckpointException;
import dev.stockpot.kernel.Memory;
import dev.stockpot.kernel.SourceFaultException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/** Runs a plan: threads take tiles in order, mix each from the mapped bytes into their buffer or
 * the sink's, and hand it over. */
final class MixEngine {
    /** What all buffers of a run may take together, in bytes: well inside the promised 256 MiB. */
    private static final long BUFFER_BUDGET = 128L << 20;

    /** A read from a file is not worth its call below this many bytes. */
    private static final long SMALLEST_READ = 256 << 10;

    private final EngineSettings settings;
    private final MixListener listener;

    MixEngine(EngineSettings settings, MixListener listener) {
        this.settings = settings;
        this.listener = listener;
    }

    /**
     * Mixes all of {@code plan} into {@code sink}.
     *
     * @throws CheckpointException where a file cannot be read, or changed meanwhile
     * @throws IOException where the sink fails
     * @throws InterruptedException where the calling thread was interrupted; no thread is left running
     */
    void run(MixPlan plan, OutputSink sink) throws IOException, InterruptedException {
        List<Run> runs = plan.runs();
        listener.started(plan.sourceBytes());
        try (InputFiles inputs = InputFiles.open(runs, settings.io())) {
            int sources = runs.stream().mapToInt(r -> r.sources().size()).max().orElse(0);
            int readSources = inputs.anyRead() ? sources : 0;
            long share = BUFFER_BUDGET / (1 + readSources);
            int threads = (int) Math.max(1, Math.min(settings.threads(), share / SMALLEST_READ));
            long tileBytes = Math.max(64, Math.min(settings.tileBytes(), share / threads)) / 64 * 64;
            Workers workers = new Workers(inputs, new TileCutter(runs, tileBytes), sink);
            workers.run(threads, tileBytes, readSources);
            inputs.checkUnchanged();
        }
    }

    /** The threads of one run and what they share. */
    private final class Workers {
        private final InputFiles inputs;
        private final TileCutter cutter;
        private final OutputSink sink;
        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicLong done = new AtomicLong();

        Workers(InputFiles inputs, TileCutter cutter, OutputSink sink) {
            this.inputs = inputs;
            this.cutter = cutter;
            this.sink = sink;
        }

        void run(int threads, long tileBytes, int readSources) throws IOException, InterruptedException {
            ExecutorService pool = Executors.newFixedThreadPool(threads, body -> {
                Thread thread = new Thread(body, "stockpot-mix");
                thread.setDaemon(true);
                return thread;
            });
            try {
                List<Future<?>> futures = new ArrayList<>();
                for (int t = 0; t < threads; t++) {
                    futures.add(pool.submit(() -> {
                        work(tileBytes, readSources);
                        return null;
                    }));
                }
                join(futures);
            } finally {
                pool.shutdown();
            }
        }

        private void work(long tileBytes, int readSources) throws IOException {
            try (TileMixer mixer = new TileMixer(settings.kernels(), inputs, tileBytes, readSources)) {
                Tile next = cutter.next();
                while (next != null && !stop.get()) {
                    Tile tile = next;
                    next = cutter.next();
                    if (next != null) {
                        mixer.prefetch(next);
                    }
                    ByteBuffer place = sink.place(tile.output(), tile.offset(), tile.bytes());
                    if (place != null) {
                        mixer.mix(tile, Memory.of(place));
                    } else {
                        sink.write(tile.output(), tile.offset(), mixer.mix(tile));
                    }
                    long read =
                            tile.pieces().stream().mapToLong(Run::sourceBytes).sum();
                    synchronized (listener) {
                        listener.progress(done.addAndGet(read));
                    }
                }
            } catch (SourceFaultException e) {
                stop.set(true);
                throw inputs.explain(e);
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
}
