package dev.stockpot.engine;

import dev.stockpot.kernel.Dot;
import java.util.List;

/** Cuts tensors into the chunks that their dot products are summed in, one after the other. */
final class ChunkCutter {
    private final List<TensorGradient> tensors;
    private int tensor;
    private long chunk;

    ChunkCutter(List<TensorGradient> tensors) {
        this.tensors = tensors;
    }

    /** How many chunks a tensor has: at least one, empty or not. */
    static long chunks(TensorGradient tensor) {
        return Math.max(1, (tensor.elements() + Dot.CHUNK - 1) / Dot.CHUNK);
    }

    /** The next chunk in order, or null behind the last. */
    Step.Multiply next() {
        if (tensor == tensors.size()) {
            return null;
        }
        TensorGradient current = tensors.get(tensor);
        long first = chunk * Dot.CHUNK;
        Step.Multiply next = new Step.Multiply(tensor, chunk, first, Math.min(Dot.CHUNK, current.elements() - first));
        chunk++;
        if (chunk == chunks(current)) {
            tensor++;
            chunk = 0;
        }
        return next;
    }
}
