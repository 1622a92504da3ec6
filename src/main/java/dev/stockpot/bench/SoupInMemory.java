package dev.stockpot.bench;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.engine.ModelMemory;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.tensor.TensorInfo;

/** A soup into memory that is there already, as a program that goes on with the soup has it. */
final class SoupInMemory implements AutoCloseable {
    private final ModelMemory memory;

    /** Room for a soup of checkpoints like {@code pattern}. */
    SoupInMemory(Checkpoint pattern) {
        memory = ModelMemory.allocate(
                pattern.tensors().values().stream().map(TensorInfo::spec).toList());
    }

    /** Mixes; the first time also brings the memory's pages in. */
    void mix(Mixture soup, Engine engine) throws InterruptedException {
        soup.mixInto(memory.tensors(), engine);
    }

    @Override
    public void close() {
        memory.close();
    }
}
