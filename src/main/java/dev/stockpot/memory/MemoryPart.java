package dev.stockpot.memory;

import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;

/**
 * A tensor's place in memory that may hold many.
 *
 * @param memory that holds it; whoever made it closes it
 * @param from its first byte there
 * @param bytes its length
 */
public record MemoryPart(Memory memory, long from, long bytes) implements TensorMemory {
    @Override
    public ByteBuffer slice(long offset, int length) {
        return memory.slice(from + offset, length);
    }
}
