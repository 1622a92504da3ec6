package dev.stockpot.error;

import java.nio.file.Path;

/** A file that cannot be read or written: not of a known format, damaged, truncated, missing, or on a full disk. */
public final class CheckpointException extends StockpotException {
    private static final long serialVersionUID = 2L;

    /** {@code message} says what is wrong; the file's path is put before it. */
    public CheckpointException(Reason reason, Path file, String message) {
        this(reason, file, message, Details.of());
    }

    /** As above, with what else is known. */
    public CheckpointException(Reason reason, Path file, String message, Details details) {
        super(reason, file + ": " + message, details.file(file));
    }
}
