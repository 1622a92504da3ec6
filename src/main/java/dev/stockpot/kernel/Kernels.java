package dev.stockpot.kernel;

import dev.stockpot.memory.Memory;
import dev.stockpot.memory.SourceFaultException;

/** The loops over elements, for one instruction set. Implementations are safe to share between threads. */
public interface Kernels extends AutoCloseable {
    /** The instruction set: {@code java}, {@code scalar}, {@code avx2} or {@code avx512}; or {@code cuda}. */
    String name();

    /** Memory of {@code bytes} bytes (not cleared) that these kernels work on fastest; the caller closes it. */
    Memory allocate(long bytes);

    /**
     * Mixes one run of elements.
     *
     * @throws IndexOutOfBoundsException where an operand leaves its memory
     * @throws SourceFaultException where a mapped source cannot be read (its file shrank, or the disk failed)
     */
    void mix(Mix mix);

    /**
     * Adds the dot products of one run of elements to {@code sums}, block after block: runs of whole blocks one after the
     * other give what a single run gives.
     *
     * @param sums one a source; after an exception it holds anything
     * @throws IndexOutOfBoundsException where an operand leaves its memory
     * @throws SourceFaultException where a mapped operand cannot be read (its file shrank, or the disk failed)
     */
    void dot(Dot dot, double[] sums);

    /**
     * Memory that holds this file, at least up to the end of the span, where these kernels keep it near them: elements are
     * at the same offsets as in the file. Null where the caller is to bring them, as it always is for kernels on the CPU.
     *
     * @throws dev.stockpot.error.CheckpointException where the file cannot be read
     */
    default Memory keep(SourceFile file, long offset, long length) {
        return null;
    }

    /** Whether these kernels want elements read into memory of theirs ({@link #allocate}) rather than mapped. */
    default boolean wantsReads() {
        return false;
    }

    /** Gives back what these kernels hold; nothing on the CPU. No call may be under way or follow. */
    @Override
    default void close() {}
}
