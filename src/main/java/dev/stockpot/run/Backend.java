package dev.stockpot.run;

/** What computes. */
public enum Backend {
    /** A GPU for searches where that is faster and the ingredients fit; the CPU for everything else. */
    AUTO,
    /** The CPU. */
    CPU,
    /** An NVIDIA GPU; an error where there is none. */
    CUDA
}
