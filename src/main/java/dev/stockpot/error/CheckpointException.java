package dev.stockpot.error;

import java.nio.file.Path;

/** A checkpoint that cannot be read or written: not of a known format, damaged, truncated, missing, or on a full disk. */
public final class CheckpointException extends StockpotException {
    private static final long serialVersionUID = 1L;

    /** {@code message} says what is wrong; the file's path is put before it. */
    public CheckpointException(Path file, String message) {
        this(file, message, null, null);
    }

    /** As above with a hint and a cause, either of which may be null. */
    public CheckpointException(Path file, String message, String hint, Throwable cause) {
        super(file + ": " + message, hint, cause);
    }
}
