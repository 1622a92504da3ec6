package dev.stockpot.kernel;

import dev.stockpot.run.OpenKernels;

/** The loops over elements, for one instruction set. Implementations are safe to share between threads. */
public interface Kernels extends OpenKernels {
    /** The memory that they work on fastest. */
    KernelMemory memory();

    /**
     * Mixes a stretch of elements.
     *
     * @return whether all of the result are finite; an element is not if any of its sources is not
     * @throws IllegalArgumentException if an operand is of a type that cannot be mixed, or the result cannot be written
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     * @throws dev.stockpot.memory.SourceFaultException if a mapped source cannot be read (its file shrank, or the disk
     *     failed)
     */
    boolean mix(Mix mix);

    /**
     * Adds the dot products of a stretch of elements to {@code sums}, block by block: consecutive stretches of whole blocks
     * yield the same sums as a single one.
     *
     * @param sums one per source; undefined after an exception
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     * @throws dev.stockpot.memory.SourceFaultException if a mapped operand cannot be read (its file shrank, or the disk
     *     failed)
     */
    void dot(Dot dot, double[] sums);

    /**
     * Runs a formula on a stretch of elements. Sums are added block by block, as those of {@link #dot}.
     *
     * @return whether all elements of the output are finite; true if there is none
     * @param sums one for each that the formula forms; undefined after an exception
     * @param counts one for each that the formula forms; undefined after an exception
     * @throws IllegalArgumentException if an operand is of a type without arithmetic, or the result cannot be written
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     * @throws dev.stockpot.memory.SourceFaultException if a mapped source cannot be read (its file shrank, or the disk
     *     failed)
     */
    boolean compute(Calculation call, double[] sums, long[] counts);

    /**
     * Drops elements of rows at random, by their rank. The processor does it, also for a GPU's kernels.
     *
     * @param sums what the sums of magnitudes are added to, those before and those after, row by row, each row in blocks as in
     *     {@link #dot}; undefined after an exception. Empty if they are not needed
     * @return how many elements are left
     * @throws IllegalArgumentException if an operand is of the wrong type, or cannot be written
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     */
    long drop(Drop drop, double[] sums);

    /**
     * Measures how far rows diverge from those of a base. The processor does it, also for a GPU's kernels.
     *
     * @param states of each row the {@link Divergence#STATE} numbers, which the steps add to; undefined after an exception
     * @throws IllegalArgumentException if an operand is not F64, or cannot be written
     * @throws IndexOutOfBoundsException if an operand extends outside its memory
     */
    void divergence(Divergence call, double[] states);

    /**
     * Kernels for elements that the JVM then works on itself, with the same bits: these, unless they would take the elements to
     * a device and back.
     */
    default Kernels onHost() {
        return this;
    }

    /** Frees the resources of these kernels; there are none on the CPU. No call may be in progress or follow. */
    @Override
    default void close() {}
}
