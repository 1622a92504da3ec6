package dev.stockpot.engine.pass;

import dev.stockpot.engine.MixTensor;
import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.Stretch;
import dev.stockpot.engine.read.InputFiles;
import dev.stockpot.engine.read.TileSources;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.memory.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;

/** One thread's place to mix tiles: a buffer for what the sink does not take in place. The sources are its owner's. */
final class TileMixer implements AutoCloseable {
    private final Kernels kernels;
    private final InputFiles inputs;
    private final TileSources sources;
    private final OutputSink sink;
    private final Memory buffer;

    TileMixer(Kernels kernels, InputFiles inputs, TileSources sources, OutputSink sink, long tileBytes) {
        this.kernels = kernels;
        this.inputs = inputs;
        this.sources = sources;
        this.sink = sink;
        this.buffer = kernels.allocate(tileBytes);
    }

    /** Begins to read the tile after the one that is mixed next, in the background, where it is not in memory yet. */
    void prefetch(Tile tile) {
        Stretch first = tile.pieces().get(0);
        if (!(first.how() instanceof MixTensor.Copy)) {
            sources.readAhead(first.sources());
        }
        for (Stretch piece : tile.pieces()) {
            if (!(piece.how() instanceof MixTensor.Copy)) {
                sources.prefetch(piece.sources());
            }
        }
    }

    /** Mixes {@code tile} and hands it to the sink. */
    void mix(Tile tile) throws IOException {
        ByteBuffer place = sink.place(tile.output(), tile.offset(), tile.bytes());
        if (place != null) {
            mix(tile, Memory.of(place));
        } else {
            mix(tile, buffer);
            sink.write(tile.output(), tile.offset(), buffer.slice(0, tile.bytes()));
        }
    }

    private void mix(Tile tile, Memory into) {
        for (Stretch piece : tile.pieces()) {
            long at = piece.offset() - tile.offset();
            if (piece.how() instanceof MixTensor.Average average) {
                average(piece, average, into, at);
            } else {
                // Read, not copied out of a mapping: only kernels are guarded against pages that fail.
                SourceSpans.Span source = piece.sources().spans().get(0);
                ByteBuffer bytes = into.slice(at, Math.toIntExact(piece.elements()));
                inputs.get(source.file()).read(source.offset(), bytes);
            }
        }
    }

    private void average(Stretch piece, MixTensor.Average how, Memory into, long at) {
        Mix.Operand result = new Mix.Operand(piece.dtype(), into, at);
        kernels.mix(new Mix(result, sources.operands(piece.sources()), piece.elements(), how.weights(), how.divisor()));
        sources.releaseBehind(piece.sources());
    }

    @Override
    public void close() {
        buffer.close();
    }
}
