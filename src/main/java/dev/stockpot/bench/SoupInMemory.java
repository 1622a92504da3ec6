package dev.stockpot.bench;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.engine.Engine;
import dev.stockpot.memory.MemoryPart;
import dev.stockpot.memory.NativeMemory;
import dev.stockpot.soup.mixture.Mixture;
import dev.stockpot.tensor.TensorInfo;
import dev.stockpot.tensor.TensorMemory;
import java.util.HashMap;
import java.util.Map;

/** A soup into memory that is there already, as a program that goes on with the soup has it. */
final class SoupInMemory implements AutoCloseable {
    private final NativeMemory memory;
    private final Map<String, TensorMemory> targets = new HashMap<>();

    /** Room for a soup of checkpoints like {@code pattern}. */
    SoupInMemory(Checkpoint pattern) {
        long bytes =
                pattern.tensors().values().stream().mapToLong(TensorInfo::bytes).sum();
        memory = NativeMemory.allocate(Math.max(1, bytes));
        long at = 0;
        for (TensorInfo tensor : pattern.tensors().values()) {
            targets.put(tensor.name(), new MemoryPart(memory, at, tensor.bytes()));
            at += tensor.bytes();
        }
    }

    /** Mixes; the first time also brings the memory's pages in. */
    void mix(Mixture soup, Engine engine) throws InterruptedException {
        soup.mixInto(targets, engine);
    }

    @Override
    public void close() {
        memory.close();
    }
}
