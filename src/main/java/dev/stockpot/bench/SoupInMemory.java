package dev.stockpot.bench;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.EngineSettings;
import dev.stockpot.engine.pass.Destination;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.run.MixListener;
import dev.stockpot.soup.UniformSoup;
import dev.stockpot.tensor.TensorInfo;
import java.util.List;

/** A uniform soup into memory that is there already, as a program that goes on with the soup has it. */
final class SoupInMemory implements AutoCloseable {
    private final NativeMemory memory;
    private final long[] offsets;

    /** Room for a soup of checkpoints like {@code pattern}. */
    SoupInMemory(Checkpoint pattern) {
        List<TensorInfo> tensors = List.copyOf(pattern.tensors().values());
        offsets = new long[tensors.size()];
        long end = 0;
        for (int t = 0; t < offsets.length; t++) {
            offsets[t] = end;
            end += tensors.get(t).bytes();
        }
        memory = NativeMemory.allocate(Math.max(1, end));
    }

    /** Mixes; the first time also brings the memory's pages in. */
    void mix(UniformSoup soup, EngineSettings settings) throws InterruptedException {
        Destination destination = (tensor, offset, length) -> memory.slice(offsets[tensor] + offset, length);
        soup.mix(destination, settings, MixListener.silent());
    }

    @Override
    public void close() {
        memory.close();
    }
}
