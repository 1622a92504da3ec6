package dev.stockpot.engine.pass;

import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.MixPlan;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.read.BufferPlan;
import dev.stockpot.engine.read.InputFiles;
import dev.stockpot.engine.read.ReadAhead;
import dev.stockpot.engine.read.TileSources;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.run.MixListener;
import dev.stockpot.system.Workers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Runs a plan: threads take tiles in order, mix each from the mapped bytes and hand it to the sink. */
public final class MixEngine {
    private static final long SMALLEST_TILE = 64;

    private final EngineSettings settings;
    private final MixListener listener;

    public MixEngine(EngineSettings settings, MixListener listener) {
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
    public void run(MixPlan plan, OutputSink sink) throws IOException, InterruptedException {
        List<Stretch> runs = plan.runs();
        long read = runs.stream().mapToLong(r -> r.sources().bytes()).sum();
        long written =
                runs.stream().mapToLong(r -> r.dtype().bytes(r.elements())).sum();
        listener.started(read);
        try (InputFiles inputs =
                InputFiles.open(runs.stream().map(Stretch::sources).toList(), settings.inputs(), written)) {
            int sources = runs.stream()
                    .mapToInt(r -> r.sources().spans().size())
                    .max()
                    .orElse(0);
            BufferPlan buffers = BufferPlan.readingAhead(settings, inputs, sources, SMALLEST_TILE);
            TileCutter cutter = new TileCutter(runs, buffers.tileBytes());
            AtomicLong done = new AtomicLong();
            Workers workers = new Workers();
            try (ReadAhead readers = ReadAhead.of(inputs)) {
                workers.run(buffers.threads(), () -> mixTiles(workers, inputs, buffers, readers, cutter, sink, done));
            } catch (SourceFaultException e) {
                throw inputs.explain(e);
            }
            inputs.checkUnchanged();
        }
    }

    private void mixTiles(
            Workers workers,
            InputFiles inputs,
            BufferPlan buffers,
            ReadAhead readers,
            TileCutter cutter,
            OutputSink sink,
            AtomicLong done)
            throws IOException {
        try (TileSources sources = new TileSources(settings.kernels(), inputs, buffers, readers);
                TileMixer mixer = new TileMixer(settings.kernels(), inputs, sources, sink, buffers.tileBytes())) {
            Tile next = cutter.next();
            while (next != null && !workers.stopped()) {
                Tile tile = next;
                next = cutter.next();
                if (next != null) {
                    mixer.prefetch(next);
                }
                mixer.mix(tile);
                synchronized (listener) {
                    listener.progress(done.addAndGet(tile.sourceBytes()));
                }
            }
        }
    }
}
