package dev.stockpot.run;

/** How ingredients are read. */
public enum IoMode {
    /**
     * Mapped where the file system is local and lets it, read otherwise; read directly where a run's files are on a disk and
     * larger than the memory that there is for them.
     */
    AUTO,
    /** Mapped; an error where that is not possible. */
    MMAP,
    /** Read into buffers in large blocks: right for network file systems. */
    READ,
    /** Read past the page cache ({@code O_DIRECT}); an error where that is not possible. */
    DIRECT
}
