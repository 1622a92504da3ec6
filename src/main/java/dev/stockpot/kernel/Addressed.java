package dev.stockpot.kernel;

/** Memory outside the Java heap whose address native code may be given. */
interface Addressed extends Memory {
    /**
     * Where it starts.
     *
     * @throws IllegalStateException where it is closed
     */
    long address();
}
