package dev.stockpot.engine.pass;

import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;
import java.util.List;

/** A program's memory as the outputs of a pass, one per tensor. Tensors are made in it; direct buffers need no copy. */
record MemorySink(List<TensorMemory> targets) implements OutputSink {
    public MemorySink {
        targets = List.copyOf(targets);
    }

    @Override
    public ByteBuffer place(int output, long offset, int length) {
        ByteBuffer place = targets.get(output).slice(offset, length);
        if (place.remaining() != length) {
            throw new IllegalArgumentException(
                    "a buffer for " + length + " bytes was asked for but it has " + place.remaining());
        }
        return place.slice();
    }

    @Override
    public void write(int output, long offset, ByteBuffer bytes) {
        throw new IllegalStateException("memory is filled in place");
    }
}
