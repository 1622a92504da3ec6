package dev.stockpot.error;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What Stockpot throws when a run cannot go on. Its message is one sentence for people, with file, tensor and numbers; the
 * reason and the fields say the same to programs.
 */
public abstract sealed class StockpotException extends RuntimeException
        permits CheckpointException, SoupException, EvaluationException, DeviceException {
    private static final long serialVersionUID = 2L;

    private final Reason reason;
    private final transient @Nullable Details details;

    StockpotException(Reason reason, String message, Details details) {
        super(message, details.cause.orElse(null));
        this.reason = reason;
        this.details = details;
    }

    /** Why the run cannot go on. */
    public Reason reason() {
        return reason;
    }

    /** The file or folder that it is about, if it is about one. */
    public Optional<Path> file() {
        return details().file;
    }

    /** The tensor that it is about, if it is about one. */
    public Optional<String> tensor() {
        return details().tensor;
    }

    /** Numbers in the message, by name; {@link Reason} says which. */
    public Map<String, Number> numbers() {
        return details().numbers;
    }

    /** What can be chosen instead; {@link Reason} says of what. */
    public List<String> choices() {
        return details().choices;
    }

    /** What can be done about it, as a sentence; empty if nothing general can be said. */
    public Optional<String> hint() {
        return details().hint;
    }

    /** A deserialized exception has kept only its reason and message. */
    private Details details() {
        return details == null ? Details.of() : details;
    }
}
