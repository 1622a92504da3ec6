package dev.stockpot.memory;

/** A mapped source that could not be read: its file shrank, or the disk failed. */
public final class SourceFaultException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final transient Memory memory;

    public SourceFaultException(Memory memory) {
        super("a mapped page could not be read");
        this.memory = memory;
    }

    /** The mapping that could not be read; null if it is unknown. */
    public Memory memory() {
        return memory;
    }
}
