package dev.stockpot.run;

import java.util.Locale;

/** The instruction set of the CPU kernels. All produce the same bits. From {@code JAVA} on, each includes the one before. */
public enum Isa {
    /** The best that the processor has, up to the one in the environment variable {@code STOCKPOT_ISA}. */
    AUTO,
    /** Like {@code AUTO}, but an error where the native library does not load: plain Java is many times slower. */
    NATIVE,
    /** Plain Java. */
    JAVA,
    /** C++ without vectors. */
    SCALAR,
    /** AVX2. */
    AVX2,
    /** AVX-512. */
    AVX512;

    /** In lower case, as on the command line and in the environment. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
