package dev.stockpot.memory;

import dev.stockpot.tensor.TensorMemory;
import java.nio.ByteBuffer;

/**
 * A tensor's part of memory that may hold many tensors.
 *
 * @param memory the memory that holds it; its creator closes it
 * @param from its first byte there
 * @param bytes its length
 */
public record MemoryPart(Memory memory, long from, long bytes) implements TensorMemory {
    @Override
    public ByteBuffer slice(long offset, int length) {
        return memory.slice(from + offset, length);
    }
}
