package dev.stockpot.memory;

/** Memory outside the Java heap whose address native code may be given. */
public interface Addressed extends Memory {
    /**
     * Where it starts.
     *
     * @throws IllegalStateException where it is closed
     */
    long address();
}
