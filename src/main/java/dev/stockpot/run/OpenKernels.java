package dev.stockpot.run;

/**
 * Kernels that are open until their owner closes them, so that several runs share them, and what they hold of ingredients: see
 * {@code dev.stockpot.Session}. Safe for threads.
 */
public interface OpenKernels extends AutoCloseable {
    /** The instruction set: {@code java}, {@code scalar}, {@code avx2} or {@code avx512}; or {@code cuda}. */
    String name();

    /** Frees what they hold. No run on them may be in progress or follow. */
    @Override
    void close();
}
