package dev.stockpot.error;

/** Ingredients that do not make a soup: names, shapes or dtypes that differ, weights that do not fit. */
public final class SoupException extends StockpotException {
    private static final long serialVersionUID = 1L;

    /** {@code message} names the tensor and the ingredients. */
    public SoupException(String message) {
        this(message, null);
    }

    /** As above with a hint, which may be null. */
    public SoupException(String message, String hint) {
        super(message, hint, null);
    }
}
