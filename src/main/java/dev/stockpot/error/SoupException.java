package dev.stockpot.error;

/** Ingredients that do not make a soup: names, shapes or types that differ, weights that do not fit. */
public final class SoupException extends StockpotException {
    private static final long serialVersionUID = 2L;

    /** {@code message} is a sentence that names its subject. */
    public SoupException(Reason reason, String message) {
        this(reason, message, Details.of());
    }

    /** As above, with details. */
    public SoupException(Reason reason, String message, Details details) {
        super(reason, message, details);
    }
}
