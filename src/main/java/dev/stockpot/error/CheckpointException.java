package dev.stockpot.error;

import java.io.IOException;
import java.nio.file.Path;

/** A file that cannot be read or written: not of a known format, damaged, truncated, missing, or on a full disk. */
public final class CheckpointException extends StockpotException {
    private static final long serialVersionUID = 2L;

    /** {@code message} says what is wrong; the file's path is prepended. */
    public CheckpointException(Reason reason, Path file, String message) {
        this(reason, file, message, Details.of());
    }

    /** As above, with details. */
    public CheckpointException(Reason reason, Path file, String message, Details details) {
        super(reason, file + ": " + message, details.file(file));
    }

    /** A file that the system would not read or close. */
    public static CheckpointException unreadable(Path file, IOException cause) {
        return new CheckpointException(
                Reason.UNREADABLE,
                file,
                "cannot be read: " + why(cause),
                Details.of().cause(cause));
    }

    /** A file that the system would not write or close. */
    public static CheckpointException unwritable(Path file, IOException cause) {
        return new CheckpointException(
                Reason.UNWRITABLE,
                file,
                "cannot be written: " + why(cause),
                Details.of().cause(cause));
    }

    /** Exceptions of a subclass name a file in their message, and say what is wrong only by their type. */
    private static String why(IOException cause) {
        boolean plain = cause.getClass() == IOException.class && cause.getMessage() != null;
        return plain ? cause.getMessage() : cause.toString();
    }
}
