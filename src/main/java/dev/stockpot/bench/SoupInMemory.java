package dev.stockpot.bench;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.ModelMemory;
import dev.stockpot.run.Run;
import dev.stockpot.soup.MergedModel;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.tensor.TensorInfo;

/** Mixes a soup into existing memory, as for a program that goes on to use it. */
final class SoupInMemory implements AutoCloseable {
    private final ModelMemory memory;

    /** Room for a soup of checkpoints like {@code pattern}. */
    SoupInMemory(Checkpoint pattern) {
        memory = ModelMemory.allocate(
                pattern.tensors().values().stream().map(TensorInfo::spec).toList());
    }

    /** Mixes; the first time also faults in the memory's pages. */
    void mix(Mixture soup, Engine engine) throws InterruptedException {
        soup.mixInto(memory.tensors(), engine);
    }

    /** The same for a merge. */
    void mix(MergedModel merge, Run run) throws InterruptedException {
        merge.mixInto(memory.tensors(), run);
    }

    @Override
    public void close() {
        memory.close();
    }
}
