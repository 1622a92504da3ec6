package dev.stockpot.engine;

import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.MappedFile;
import dev.stockpot.kernel.Memory;
import dev.stockpot.kernel.Mix;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * One thread's place to work: a buffer for the tile's output and, for files that are read rather than mapped, one for each
 * source. Mapped pages are brought in a tile at a time, which is many times cheaper than a fault a page, and given back
 * behind it, so that page tables and resident memory do not grow with the model.
 */
final class TileMixer implements AutoCloseable {
    /** Sources lie a little apart in the buffer: at equal distances of a power of two they would share cache sets. */
    private static final int STAGGER = 320;

    private static final long RELEASED_TOGETHER = 256L << 20;

    private final Kernels kernels;
    private final InputFiles inputs;
    private final long slot;
    private final Memory out;
    private final Memory in;

    TileMixer(Kernels kernels, InputFiles inputs, long tileBytes, int readSources) {
        this.kernels = kernels;
        this.inputs = inputs;
        this.slot = tileBytes + STAGGER;
        this.out = kernels.allocate(tileBytes);
        this.in = readSources == 0 ? null : kernels.allocate(slot * readSources);
    }

    /** Asks the system to read {@code tile}'s mapped pages in the background, where they are not in memory yet. */
    void prefetch(Tile tile) {
        for (Run piece : tile.pieces()) {
            for (Run.Span span : piece.sources()) {
                MappedFile mapping = inputs.get(span.file()).mapping();
                if (mapping != null && !(piece.how() instanceof MixTensor.Copy)) {
                    mapping.prefetch(span.offset(), span.dtype().bytes(piece.elements()));
                }
            }
        }
    }

    /** The tile's output bytes; good until the next call. */
    ByteBuffer mix(Tile tile) {
        mix(tile, out);
        return out.slice(0, tile.bytes());
    }

    /** Mixes into the first bytes of {@code into}. */
    void mix(Tile tile, Memory into) {
        for (Run piece : tile.pieces()) {
            long at = piece.offset() - tile.offset();
            if (piece.how() instanceof MixTensor.Average average) {
                average(piece, average, into, at);
            } else {
                // Read, not copied out of a mapping: only kernels are guarded against pages that fail.
                Run.Span source = piece.sources().get(0);
                ByteBuffer bytes = into.slice(at, Math.toIntExact(piece.elements()));
                inputs.get(source.file()).read(source.offset(), bytes);
            }
        }
    }

    private void average(Run piece, MixTensor.Average how, Memory into, long at) {
        List<Mix.Operand> operands = new ArrayList<>(piece.sources().size());
        for (int k = 0; k < piece.sources().size(); k++) {
            operands.add(operand(piece.sources().get(k), piece.elements(), k));
        }
        Mix.Operand result = new Mix.Operand(piece.dtype(), into, at);
        kernels.mix(new Mix(result, operands, piece.elements(), how.weights(), how.divisor()));
        for (Run.Span span : piece.sources()) {
            MappedFile mapping = inputs.get(span.file()).mapping();
            if (mapping != null) {
                releaseBehind(
                        mapping, span.offset(), span.plus(piece.elements()).offset());
            }
        }
    }

    /**
     * Gives mapped pages back, a stretch at a time as the end of one is passed. Each time interrupts every processor that
     * runs this process, so once a tile would be far too often. A thread that is still behind brings its pages in again.
     */
    private static void releaseBehind(MappedFile mapping, long from, long to) {
        long stretch = to / RELEASED_TOGETHER * RELEASED_TOGETHER;
        if (from < stretch && stretch >= RELEASED_TOGETHER) {
            mapping.release(stretch - RELEASED_TOGETHER, RELEASED_TOGETHER);
        }
    }

    private Mix.Operand operand(Run.Span span, long elements, int k) {
        InputFile file = inputs.get(span.file());
        long bytes = span.dtype().bytes(elements);
        if (file.mapping() != null) {
            file.mapping().populate(span.offset(), bytes);
            return new Mix.Operand(span.dtype(), file.mapping(), span.offset());
        }
        file.read(span.offset(), in.slice(k * slot, Math.toIntExact(bytes)));
        return new Mix.Operand(span.dtype(), in, k * slot);
    }

    @Override
    public void close() {
        out.close();
        if (in != null) {
            in.close();
        }
    }
}
