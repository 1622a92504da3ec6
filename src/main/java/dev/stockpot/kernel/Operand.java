package dev.stockpot.kernel;

import dev.stockpot.memory.Memory;
import dev.stockpot.tensor.DType;

/**
 * Elements in memory.
 *
 * @param dtype a float type
 * @param memory the memory that holds them
 * @param offset of the first, in bytes; any alignment
 */
public record Operand(DType dtype, Memory memory, long offset) {
    /** The elements from the one at {@code first} on. */
    public Operand from(long first) {
        return new Operand(dtype, memory, offset + dtype.bytes(first));
    }
}
