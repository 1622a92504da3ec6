package dev.stockpot.run;

/**
 * Kernels that stay open until their owner closes them, so that several runs share them and the ingredients that they hold: see
 * {@code dev.stockpot.Session}. Thread-safe.
 */
public interface OpenKernels extends AutoCloseable {
    /** The instruction set: {@code java}, {@code scalar}, {@code avx2} or {@code avx512}; or {@code cuda}. */
    String name();

    /** Frees what they hold. No run may be using them, or use them afterwards. */
    @Override
    void close();
}
