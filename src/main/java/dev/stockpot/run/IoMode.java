package dev.stockpot.run;

/** How ingredients are read. */
public enum IoMode {
    /**
     * Mapped if the file system is local and allows it, read otherwise; read directly if a run's files are on a disk and larger
     * than the memory available for them.
     */
    AUTO,
    /** Mapped; an error if that is not possible. */
    MMAP,
    /** Read into buffers in large requests: right for network file systems. */
    READ,
    /** Read past the page cache ({@code O_DIRECT}); an error if that is not possible. */
    DIRECT
}
