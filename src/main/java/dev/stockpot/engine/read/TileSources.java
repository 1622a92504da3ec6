package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.memory.MappedFile;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.PassedPages;
import java.util.ArrayList;
import java.util.List;

/**
 * One thread's way to the ingredients, a tile at a time: where the kernels keep them, in the mapped file, or read into a
 * buffer for each source. Mapped pages are brought in a tile at a time, which is many times cheaper than a fault a page, and
 * given back behind it, so that page tables and resident memory do not grow with the model.
 */
public final class TileSources implements AutoCloseable {
    /** Sources lie a little apart in the buffer: at equal distances of a power of two they would share cache sets. */
    private static final int STAGGER = 320;

    private final Kernels kernels;
    private final InputFiles inputs;
    private final long inFlight;
    private final Memory buffers;
    private final ReadAhead readers;
    private final List<ReadWindow> windows = new ArrayList<>();
    private final PassedPages passed = new PassedPages();

    public TileSources(Kernels kernels, InputFiles inputs, BufferPlan plan) {
        this(kernels, inputs, plan, null);
    }

    /** @param readers null where nothing is read ahead */
    public TileSources(Kernels kernels, InputFiles inputs, BufferPlan plan, ReadAhead readers) {
        this.kernels = kernels;
        this.inputs = inputs;
        this.inFlight = plan.threads() * plan.tileBytes();
        int block = Math.max(inputs.block(), 64);
        this.readers = readers;
        int places = readers == null ? 1 : 2;
        long slot = (plan.tileBytes() + STAGGER + 2 * block) / block * block;
        this.buffers = plan.readSources() == 0 ? null : kernels.allocate(slot * places * plan.readSources() + block);
        long first = buffers == null ? 0 : (block - buffers.slice(0, 1).alignmentOffset(0, block)) % block;
        for (int k = 0; k < plan.readSources(); k++) {
            long at = first + k * places * slot;
            windows.add(new ReadWindow(buffers, at, at + (places - 1) * slot));
        }
    }

    /** Begins to read what is not mapped of the tile after the one whose operands are asked for next. */
    public void readAhead(SourceSpans sources) {
        if (readers == null || windows.isEmpty()) {
            return;
        }
        int k = 0;
        for (SourceSpans.Span span : sources.spans()) {
            InputFile file = inputs.get(span.file());
            if (file.mapping() == null) {
                windows.get(k).readAhead(file, span.offset(), span.dtype().bytes(sources.elements()), readers);
            }
            k++;
        }
    }

    /** Asks the system to read mapped pages in the background, where they are not in memory yet. */
    public void prefetch(SourceSpans sources) {
        for (SourceSpans.Span span : sources.spans()) {
            MappedFile mapping = inputs.get(span.file()).mapping();
            if (mapping != null) {
                mapping.prefetch(span.offset(), span.dtype().bytes(sources.elements()));
            }
        }
    }

    /** The elements in memory; those that were read, not mapped, are good until the next call. */
    public List<Mix.Operand> operands(SourceSpans sources) {
        List<Mix.Operand> operands = new ArrayList<>(sources.spans().size());
        for (SourceSpans.Span span : sources.spans()) {
            operands.add(operand(span, sources.elements(), operands.size()));
        }
        return operands;
    }

    private Mix.Operand operand(SourceSpans.Span span, long elements, int source) {
        InputFile file = inputs.get(span.file());
        long bytes = span.dtype().bytes(elements);
        Memory kept = kernels.keep(file, span.offset(), bytes);
        if (kept != null) {
            return new Mix.Operand(span.dtype(), kept, span.offset());
        }
        if (file.mapping() != null) {
            file.mapping().populate(span.offset(), bytes);
            return new Mix.Operand(span.dtype(), file.mapping(), span.offset());
        }
        return new Mix.Operand(span.dtype(), buffers, windows.get(source).find(file, span.offset(), bytes));
    }

    /** Gives mapped pages back that lie well behind. */
    public void releaseBehind(SourceSpans sources) {
        for (SourceSpans.Span span : sources.spans()) {
            MappedFile mapping = inputs.get(span.file()).mapping();
            if (mapping != null) {
                mapping.passed(span.offset(), span.plus(sources.elements()).offset(), inFlight, passed);
            }
        }
        passed.release();
    }

    @Override
    public void close() {
        windows.forEach(ReadWindow::close);
        if (buffers != null) {
            buffers.close();
        }
    }
}
