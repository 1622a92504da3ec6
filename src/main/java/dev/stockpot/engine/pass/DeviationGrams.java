package dev.stockpot.engine.pass;

import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.read.BufferPlan;
import dev.stockpot.engine.read.InputFiles;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.memory.SourceFaultException;
import dev.stockpot.run.MixListener;
import dev.stockpot.system.Workers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The inner products of models' deviations from an origin, tensor by tensor, in one streaming pass over the models. Of each
 * tensor the vectors are the models' deviations in their order, and last the origin itself.
 *
 * <p>Deviations are formed in F64, each with one rounding, before anything is multiplied: fine-tuned models differ little, and
 * the difference of large products would keep few digits of that. Sums are those of the dot product contract
 * (docs/numbers.md), so their bits do not depend on threads, tiles, kernels or the way of reading.
 */
public final class DeviationGrams {
    private final EngineSettings settings;
    private final MixListener listener;
    private final List<Deviations> tensors;
    private final List<SourceSpans> spans;
    private final ChunkCutter cutter;
    private final List<ChunkSums> sums;
    private final Workers workers = new Workers();
    private final AtomicLong done = new AtomicLong();

    private DeviationGrams(List<Deviations> tensors, EngineSettings settings, MixListener listener) {
        this.settings = settings;
        this.listener = listener;
        this.tensors = tensors;
        this.spans = tensors.stream().map(Deviations::spans).toList();
        this.cutter =
                new ChunkCutter(tensors.stream().mapToLong(Deviations::elements).toArray());
        this.sums = tensors.stream()
                .map(t -> new ChunkSums(Gram.packed(t.sources().size() + 1), ChunkCutter.chunks(t.elements())))
                .toList();
    }

    /**
     * One for each of {@code tensors}; NaN and infinities where the values have them or sums overflow.
     *
     * @throws CheckpointException where a file cannot be read, or changed meanwhile
     * @throws InterruptedException where the calling thread was interrupted; no thread is left running
     */
    public static List<Gram> of(List<Deviations> tensors, EngineSettings settings, MixListener listener)
            throws InterruptedException {
        DeviationGrams run = new DeviationGrams(List.copyOf(tensors), settings, listener);
        try {
            run.multiply();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<Gram> grams = new ArrayList<>(tensors.size());
        for (int t = 0; t < tensors.size(); t++) {
            grams.add(new Gram(
                    tensors.get(t).sources().size() + 1, run.sums.get(t).totals()));
        }
        return grams;
    }

    /** Of whole models: the sum over {@code tensors}, which all have the same models. */
    public static Gram sum(List<Gram> tensors) {
        return Gram.sum(tensors.get(0).vectors(), tensors);
    }

    private void multiply() throws IOException, InterruptedException {
        listener.started(spans.stream().mapToLong(SourceSpans::bytes).sum());
        try (InputFiles inputs = InputFiles.open(spans, settings.io(), 0)) {
            int sources = spans.stream().mapToInt(s -> s.spans().size()).max().orElse(0);
            BufferPlan buffers = DeviationTiles.plan(settings, inputs, sources);
            try {
                workers.run(buffers.threads(), () -> work(inputs, buffers, sources));
            } catch (SourceFaultException e) {
                throw inputs.explain(e);
            }
            inputs.checkUnchanged();
        }
    }

    private void work(InputFiles inputs, BufferPlan buffers, int sources) {
        try (DeviationTiles tiles = new DeviationTiles(settings.kernels(), inputs, buffers, sources)) {
            for (Step.Multiply chunk = next(); chunk != null && !workers.stopped(); chunk = next()) {
                int t = chunk.tensor();
                SourceSpans span = spans.get(t).slice(chunk.first(), chunk.elements());
                sums.get(t).add(chunk.chunk(), tiles.products(tensors.get(t), span, workers::stopped));
                synchronized (listener) {
                    listener.progress(done.addAndGet(span.bytes()));
                }
            }
        }
    }

    private Step.Multiply next() {
        synchronized (cutter) {
            return cutter.next();
        }
    }
}
