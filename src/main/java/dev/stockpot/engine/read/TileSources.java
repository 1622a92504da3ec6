package dev.stockpot.engine.read;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.kernel.KernelMemory;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.PassedPages;
import java.util.ArrayList;
import java.util.List;

/**
 * The ingredients for one thread, a tile at a time: where the kernels keep them, in the mapped file, or read into a buffer for
 * each source. Mapped pages are brought in a tile at a time, which is many times cheaper than one fault per page, and released
 * once passed, so that page tables and resident memory do not grow with the model.
 */
public final class TileSources implements AutoCloseable {
    private final KernelMemory kernelMemory;
    private final Inputs inputs;
    private final long inFlight;
    private final Memory buffers;
    private final ReadAhead readers;
    private final List<ReadWindow> windows = new ArrayList<>();
    private final PassedPages passed = new PassedPages();

    public TileSources(Kernels kernels, Inputs inputs, BufferPlan plan, ReadAhead readers) {
        this.kernelMemory = kernels.memory();
        this.inputs = inputs;
        this.inFlight = plan.threads() * plan.tileBytes();
        this.readers = readers;
        int block = Math.max(inputs.block(), 64);
        int places = readers.reads() ? 2 : 1;
        long slot = BufferPlan.slotBytes(plan.tileBytes(), block);
        long room = plan.bufferedSources() == 0 ? 0 : slot * places * plan.bufferedSources() + block;
        this.buffers = kernelMemory.allocate(room);
        long first = room == 0 ? 0 : (block - buffers.slice(0, 1).alignmentOffset(0, block)) % block;
        for (int k = 0; k < plan.bufferedSources(); k++) {
            long at = first + k * places * slot;
            windows.add(new ReadWindow(buffers, at, at + (places - 1) * slot));
        }
    }

    /** Starts to read the buffered sources of the tile after the one whose operands are requested next. */
    public void readAhead(SourceSpans sources) {
        if (!readers.reads() || windows.isEmpty()) {
            return;
        }
        for (int k = 0; k < sources.spans().size(); k++) {
            SourceSpans.Span span = sources.spans().get(k);
            Input input = inputs.get(span.source());
            if (input.isBuffered()) {
                windows.get(k).readAhead(input, span.offset(), span.dtype().bytes(sources.elements()), readers);
            }
        }
    }

    /** Asks the system to bring mapped pages into memory in the background. */
    public void prefetch(SourceSpans sources) {
        for (SourceSpans.Span span : sources.spans()) {
            inputs.get(span.source()).prefetch(span.offset(), span.dtype().bytes(sources.elements()));
        }
    }

    /** The elements in memory; those that are buffered are valid until the next call. */
    public List<Operand> operands(SourceSpans sources) {
        List<Operand> operands = new ArrayList<>(sources.spans().size());
        for (SourceSpans.Span span : sources.spans()) {
            operands.add(operand(span, sources.elements(), operands.size()));
        }
        return operands;
    }

    private Operand operand(SourceSpans.Span span, long elements, int source) {
        Input input = inputs.get(span.source());
        if (input instanceof FileInput file) {
            Memory kept = kernelMemory.keep(file, span.offset(), span.dtype().bytes(elements));
            if (kept != null) {
                return new Operand(span.dtype(), kept, span.offset());
            }
        }
        return input.bring(span, elements, input.isBuffered() ? windows.get(source) : null);
    }

    /** Releases mapped pages that all threads have passed. */
    public void release(SourceSpans sources) {
        for (SourceSpans.Span span : sources.spans()) {
            inputs.get(span.source()).passed(span.offset(), span.end(sources.elements()), inFlight, passed);
        }
        passed.release();
    }

    @Override
    public void close() {
        windows.forEach(ReadWindow::close);
        buffers.close();
    }
}
