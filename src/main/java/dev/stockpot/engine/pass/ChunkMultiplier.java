package dev.stockpot.engine.pass;

import dev.stockpot.engine.SourceSpans;
import dev.stockpot.engine.read.TileSources;
import dev.stockpot.error.EvaluationException;
import dev.stockpot.kernel.Dot;
import dev.stockpot.kernel.Kernels;
import dev.stockpot.kernel.Mix;
import dev.stockpot.memory.Memory;
import dev.stockpot.memory.SourceFaultException;
import java.nio.ByteBuffer;

/** Multiplies chunks, a tile of whole blocks at a time. */
final class ChunkMultiplier {
    /** Bytes of a block of the widest type: what a tile must hold at least. */
    static final long SMALLEST_TILE = Dot.BLOCK * 8L;

    private final Kernels kernels;
    private final TileSources sources;
    private final long tileBytes;

    ChunkMultiplier(Kernels kernels, TileSources sources, long tileBytes) {
        this.kernels = kernels;
        this.sources = sources;
        this.tileBytes = tileBytes;
    }

    /**
     * The sums of {@code elements} elements from {@code first}, a multiple of a chunk.
     *
     * @param spans of the whole tensor
     */
    double[] multiply(TensorGradient gradient, SourceSpans spans, long first, long elements) {
        double[] sums = new double[spans.spans().size()];
        int widest = Math.max(gradient.dtype().bits(), spans.widestBits());
        long step = tileBytes * 8 / widest / Dot.BLOCK * Dot.BLOCK;
        for (long done = 0; done < elements; done += step) {
            long count = Math.min(step, elements - done);
            SourceSpans tile = spans.slice(first + done, count);
            Mix.Operand vector = vector(gradient, first + done, count);
            try {
                kernels.dot(new Dot(vector, sources.operands(tile), count), sums);
            } catch (SourceFaultException e) {
                throw e.memory() == vector.memory() ? gone(gradient, e) : e;
            }
            sources.releaseBehind(tile);
        }
        return sums;
    }

    private static Mix.Operand vector(TensorGradient gradient, long first, long count) {
        int length = Math.toIntExact(gradient.dtype().bytes(count));
        ByteBuffer bytes = gradient.values().slice(gradient.dtype().bytes(first), length);
        if (bytes.remaining() != length) {
            throw new IllegalArgumentException("a buffer of " + length + " bytes of the gradient of tensor "
                    + gradient.name() + " was asked for but it has " + bytes.remaining());
        }
        return new Mix.Operand(gradient.dtype(), Memory.of(bytes.slice()), 0);
    }

    private static RuntimeException gone(TensorGradient gradient, SourceFaultException fault) {
        return new EvaluationException(
                "the gradient of tensor " + gradient.name() + " cannot be read: its memory went away", null, fault);
    }
}
