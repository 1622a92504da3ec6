package dev.stockpot.error;

import java.util.Optional;

/** What Stockpot throws when a run cannot go on: one sentence that names the file or tensor, and a hint where one helps. */
public abstract sealed class StockpotException extends RuntimeException
        permits CheckpointException, SoupException, EvaluationException, DeviceException {
    private static final long serialVersionUID = 1L;
    private final String hint;

    StockpotException(String message, String hint, Throwable cause) {
        super(message, cause);
        this.hint = hint;
    }

    /** What the user can do about it, as a sentence; empty where nothing general can be said. */
    public Optional<String> hint() {
        return Optional.ofNullable(hint);
    }
}
