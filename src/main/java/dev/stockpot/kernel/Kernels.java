package dev.stockpot.kernel;

import dev.stockpot.run.OpenKernels;

/** The loops over elements, for one instruction set. Implementations are safe to share between threads. */
public interface Kernels extends OpenKernels {
    /** The memory that they work on fastest. */
    KernelMemory memory();

    /**
     * Mixes a stretch of elements.
     *
     * @throws IllegalArgumentException where an operand is of a type that cannot be mixed, or the result cannot be written
     * @throws IndexOutOfBoundsException where an operand leaves its memory
     * @throws dev.stockpot.memory.SourceFaultException where a mapped source cannot be read (its file shrank, or the disk
     *     failed)
     */
    void mix(Mix mix);

    /**
     * Adds the dot products of a stretch of elements to {@code sums}, block after block: stretches of whole blocks one after
     * the other give what a single one gives.
     *
     * @param sums one a source; undefined after an exception
     * @throws IndexOutOfBoundsException where an operand leaves its memory
     * @throws dev.stockpot.memory.SourceFaultException where a mapped operand cannot be read (its file shrank, or the disk
     *     failed)
     */
    void dot(Dot dot, double[] sums);

    /** Frees what these kernels hold; nothing on the CPU. No call may be in progress or follow. */
    @Override
    default void close() {}
}
