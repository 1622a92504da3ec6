package dev.stockpot.engine;

/** How ingredients are read. */
public enum IoMode {
    /** Mapped where the file system is local and lets it, read otherwise. */
    AUTO,
    /** Mapped; an error where that is not possible. */
    MMAP,
    /** Read into buffers in large blocks: right for network file systems. */
    READ
}
