package dev.stockpot.engine.pass;

import dev.stockpot.engine.Combination;
import dev.stockpot.engine.Copy;
import dev.stockpot.engine.Elements;
import dev.stockpot.engine.Needs;
import dev.stockpot.engine.Operation;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.read.BufferPlan;
import dev.stockpot.engine.read.Inputs;
import dev.stockpot.engine.read.ReadAhead;
import dev.stockpot.engine.read.TileSources;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Operand;
import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** One thread's state in a pass: access to the sources, a buffer for output that is not made in place, scratch memory. */
final class PieceWorker implements AutoCloseable {
    /** Bytes between vectors: at distances of a power of two they would share cache sets. */
    private static final int STAGGER = 320;

    private final Kernels kernels;
    private final Inputs inputs;
    private final OutputSink sink;
    private final BooleanSupplier stopped;
    private final long tileBytes;
    private final TileSources sources;
    /** The buffer of a tile, and after it the scratch vectors. */
    private final Memory buffer;

    private final List<Operand> scratch = new ArrayList<>();

    PieceWorker(
            Kernels kernels,
            Inputs inputs,
            BufferPlan plan,
            ReadAhead readers,
            OutputSink sink,
            BooleanSupplier stopped) {
        this.kernels = kernels;
        this.inputs = inputs;
        this.sink = sink;
        this.stopped = stopped;
        this.tileBytes = plan.tileBytes();
        this.sources = new TileSources(kernels, inputs, plan, readers);
        this.buffer = allocate(tileBytes + (STAGGER + tileBytes) * plan.scratchVectors());
        for (int k = 1; k <= plan.scratchVectors(); k++) {
            scratch.add(new Operand(DType.F64, buffer, k * (tileBytes + STAGGER)));
        }
    }

    private Memory allocate(long bytes) {
        try {
            return kernels.memory().allocate(bytes);
        } catch (RuntimeException | Error e) {
            sources.close();
            throw e;
        }
    }

    /** Starts to bring in the piece after the one that is worked on next, if it is not in memory yet. */
    void prepare(Piece piece) {
        if (piece instanceof Piece.Chunk chunk) {
            if (isRead(chunk)) {
                long step = Math.min(chunk.elements(), tileElements(chunk.tensor()));
                sources.readAhead(chunk.tensor().reduce().sources().slice(chunk.first(), step));
                sources.prefetch(chunk.sources());
            }
            return;
        }
        List<Stretch> parts = ((Piece.Tile) piece).parts();
        if (parts.get(0).how() != Copy.BYTES) {
            sources.readAhead(parts.get(0).sources());
        }
        for (Stretch part : parts) {
            if (part.how() != Copy.BYTES) {
                sources.prefetch(part.sources());
            }
        }
    }

    /** Makes a tile, and hands it to the sink unless it is made in place. */
    void make(Piece.Tile tile) throws IOException {
        ByteBuffer place = sink.place(tile.output(), tile.offset(), tile.bytes());
        if (place != null) {
            fill(tile, Memory.of(place), true);
        } else {
            fill(tile, buffer, false);
            sink.write(tile.output(), tile.offset(), buffer.slice(0, tile.bytes()));
        }
    }

    private void fill(Piece.Tile tile, Memory into, boolean streamed) throws IOException {
        for (Stretch part : tile.parts()) {
            part.how().perform(new Filling(part, into, part.offset() - tile.offset(), streamed));
        }
    }

    /** Makes one stretch at its place in memory. */
    private final class Filling implements Operation.Performer {
        private final Stretch part;
        private final Memory into;
        private final long at;
        private final boolean streamed;

        Filling(Stretch part, Memory into, long at, boolean streamed) {
            this.part = part;
            this.into = into;
            this.at = at;
            this.streamed = streamed;
        }

        @Override
        public void copy() {
            // Read, not copied out of a mapping: only kernels are guarded against pages that cannot be read.
            SourceSpans.Span source = part.sources().spans().get(0);
            inputs.get(source.source()).read(source.offset(), into.slice(at, Math.toIntExact(part.elements())));
        }

        @Override
        public void combine(Combination how) {
            Operand out = new Operand(part.dtype(), into, at);
            checkPlanned(how.needs());
            Elements in = elements(part.sources(), part.first());
            if (!how.apply(in, out, streamed)) {
                sink.notFinite(part, in, out);
            }
            sources.release(part.sources());
        }
    }

    /** Reduces a chunk; returns whether it was the last missing one of its tensor. */
    boolean reduce(Piece.Chunk chunk) {
        checkPlanned(chunk.tensor().reduce().reduction().needs());
        return chunk.tensor().take(chunk.number(), isRead(chunk) ? new ChunkTiles(chunk) : () -> null);
    }

    private static boolean isRead(Piece.Chunk chunk) {
        return chunk.elements() > 0 && chunk.tensor().reduce().reduction().reads(chunk.first(), chunk.elements());
    }

    /** The tiles of one chunk, each released when the next is requested. */
    private final class ChunkTiles implements Reducing.Tiles {
        private final Piece.Chunk chunk;
        private final long step;
        private long done;
        private SourceSpans current;

        ChunkTiles(Piece.Chunk chunk) {
            this.chunk = chunk;
            this.step = tileElements(chunk.tensor());
        }

        @Override
        public Elements next() {
            if (current != null) {
                sources.release(current);
            }
            if (done >= chunk.elements() || stopped.getAsBoolean()) {
                return null;
            }
            long first = chunk.first() + done;
            long count = Math.min(step, chunk.elements() - done);
            done += count;
            current = chunk.tensor().reduce().sources().slice(first, count);
            return elements(current, first);
        }
    }

    private Elements elements(SourceSpans spans, long first) {
        return new Elements(kernels, sources.operands(spans), first, spans.elements(), scratch);
    }

    private void checkPlanned(Needs needs) {
        if (needs.vectors() > scratch.size()) {
            throw new IllegalStateException("work that follows a reduction needs " + needs.vectors()
                    + " scratch vectors but the reduction announced " + scratch.size());
        }
    }

    /** How many elements of a tensor fit into a tile, in whole blocks or rows. */
    private long tileElements(Reducing<?> tensor) {
        int widest = Math.max(
                tensor.reduce().reduction().needs().widestBits(),
                tensor.reduce().sources().widestBits());
        long whole = tensor.reduce().reduction().needs().whole();
        long unit = whole > 1 ? whole : Dot.BLOCK;
        return tileBytes * 8 / widest / unit * unit;
    }

    @Override
    public void close() {
        buffer.close();
        sources.close();
    }
}
