package dev.stockpot.error;

/** A GPU that cannot be used here, or that failed: no driver, none of that number, no memory left, a fault of the card. */
public final class DeviceException extends StockpotException {
    private static final long serialVersionUID = 1L;

    /** {@code message} names the call that failed and its error; {@code hint} may be null. */
    public DeviceException(String message, String hint) {
        this(message, hint, null);
    }

    /** As above with a cause, which may be null. */
    public DeviceException(String message, String hint, Throwable cause) {
        super(message, hint, cause);
    }
}
