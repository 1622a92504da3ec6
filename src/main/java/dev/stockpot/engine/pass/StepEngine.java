package dev.stockpot.engine.pass;

import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.read.BufferPlan;
import dev.stockpot.engine.read.InputFiles;
import dev.stockpot.engine.read.TileSources;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.run.MixListener;
import dev.stockpot.system.Workers;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Multiplies gradients with the ingredients in one pass over these, and may mix a tensor anew as soon as its dot products are
 * there. The products have the same bits whatever the threads and tiles.
 */
public final class StepEngine {
    /** What follows on a tensor's dot products. Called once a tensor, one call at a time, in any order of the tensors. */
    @FunctionalInterface
    public interface Update {
        /** What to mix the tensor into, or null for nothing. */
        Stretch next(int tensor, double[] dots);
    }

    private final EngineSettings settings;
    private final MixListener listener;
    private final boolean mixes;

    /** @param mixes whether anything follows on dot products: what was multiplied is then read again, at once */
    public StepEngine(EngineSettings settings, MixListener listener, boolean mixes) {
        this.settings = settings;
        this.listener = listener;
        this.mixes = mixes;
    }

    /**
     * Multiplies all of {@code tensors}; what is mixed goes to {@code sink}.
     *
     * @throws CheckpointException where a file cannot be read, or changed meanwhile
     * @throws IOException where the sink fails
     * @throws InterruptedException where the calling thread was interrupted; no thread is left running
     */
    public void run(List<TensorGradient> tensors, Update update, OutputSink sink)
            throws IOException, InterruptedException {
        List<SourceSpans> spans = tensors.stream().map(TensorGradient::spans).toList();
        listener.started(spans.stream().mapToLong(SourceSpans::bytes).sum());
        // However large the files are: the page cache is what makes reading again, at once, cheap.
        try (InputFiles inputs = mixes
                ? InputFiles.open(spans, settings.inputs(), true)
                : InputFiles.open(spans, settings.inputs(), 0)) {
            int sources = spans.stream().mapToInt(s -> s.spans().size()).max().orElse(0);
            BufferPlan buffers = BufferPlan.of(settings, inputs, sources, ChunkMultiplier.SMALLEST_TILE);
            Steps steps = new Steps(tensors, spans, update, sink, inputs, buffers);
            try {
                steps.workers.run(buffers.threads(), steps::work);
            } catch (SourceFaultException e) {
                throw inputs.explain(e);
            }
            inputs.checkUnchanged();
        }
    }

    /** What the threads of one run share. */
    private final class Steps {
        private final List<TensorGradient> tensors;
        private final List<SourceSpans> spans;
        private final Update update;
        private final OutputSink sink;
        private final InputFiles inputs;
        private final BufferPlan buffers;
        private final StepQueue queue;
        private final List<ChunkSums> sums;
        private final Workers workers = new Workers();
        private final AtomicLong done = new AtomicLong();

        Steps(
                List<TensorGradient> tensors,
                List<SourceSpans> spans,
                Update update,
                OutputSink sink,
                InputFiles inputs,
                BufferPlan buffers) {
            this.tensors = tensors;
            this.spans = spans;
            this.update = update;
            this.sink = sink;
            this.inputs = inputs;
            this.buffers = buffers;
            this.queue = new StepQueue(tensors, buffers.threads());
            this.sums = tensors.stream()
                    .map(t -> new ChunkSums(t.sources().size(), ChunkCutter.chunks(t.elements())))
                    .toList();
        }

        void work() throws IOException {
            try (TileSources sources = new TileSources(settings.kernels(), inputs, buffers);
                    TileMixer mixer = new TileMixer(settings.kernels(), inputs, sources, sink, buffers.tileBytes())) {
                ChunkMultiplier multiplier = new ChunkMultiplier(settings.kernels(), sources, buffers.tileBytes());
                Step step = queue.next();
                while (step != null && !workers.stopped()) {
                    if (step instanceof Step.Mix mix) {
                        mixer.mix(mix.tile());
                    } else if (step instanceof Step.Multiply chunk) {
                        prefetch(sources, queue.upcoming());
                        multiply(multiplier, chunk);
                    }
                    step = queue.next();
                }
            } finally {
                // A thread ends when there is nothing left, or when all are to end: others may wait for its steps.
                queue.close();
            }
        }

        private void prefetch(TileSources sources, Step.Multiply chunk) {
            if (chunk != null) {
                sources.prefetch(spans.get(chunk.tensor()).slice(chunk.first(), chunk.elements()));
            }
        }

        private void multiply(ChunkMultiplier multiplier, Step.Multiply chunk) {
            int t = chunk.tensor();
            double[] products = multiplier.multiply(tensors.get(t), spans.get(t), chunk.first(), chunk.elements());
            boolean last = sums.get(t).add(chunk.chunk(), products);
            synchronized (listener) {
                listener.progress(done.addAndGet(
                        spans.get(t).slice(chunk.first(), chunk.elements()).bytes()));
            }
            if (last) {
                queue.multiplied(tiles(update(t)));
            }
        }

        private synchronized Stretch update(int tensor) {
            return update.next(tensor, sums.get(tensor).totals());
        }

        private TileCutter tiles(Stretch run) {
            return run == null ? null : new TileCutter(List.of(run), buffers.tileBytes());
        }
    }
}
