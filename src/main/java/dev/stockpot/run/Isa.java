package dev.stockpot.run;

import java.util.Locale;

/** The instruction set of the kernels on the CPU. Every one gives the same bits. From {@code JAVA} on each holds the one before. */
public enum Isa {
    /** The best that the processor has, not above the environment variable {@code STOCKPOT_ISA}. */
    AUTO,
    /** Plain Java. */
    JAVA,
    /** C++ without vectors. */
    SCALAR,
    /** AVX2. */
    AVX2,
    /** AVX-512. */
    AVX512;

    /** In lower case, as the command line and the environment name it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
