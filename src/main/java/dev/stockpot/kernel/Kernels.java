package dev.stockpot.kernel;

/** The loops over elements, for one instruction set. Implementations are stateless and safe to share between threads. */
public interface Kernels {
    /** The instruction set: {@code java}, {@code scalar}, {@code avx2} or {@code avx512}. */
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
}
