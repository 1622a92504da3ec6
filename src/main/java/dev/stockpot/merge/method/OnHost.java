package dev.stockpot.merge.method;

/** Work of which the JVM does a part, element by element: it stays on the processor even if the kernels are a GPU's. */
interface OnHost {
    /** What that part is, in a few words. */
    String part();
}
