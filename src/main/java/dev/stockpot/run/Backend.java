package dev.stockpot.run;

/** Where to compute. */
public enum Backend {
    /** A GPU for searches if that is faster and the ingredients fit into its memory; the CPU for everything else. */
    AUTO,
    /** The CPU. */
    CPU,
    /** An NVIDIA GPU; an error if there is none. */
    CUDA
}
