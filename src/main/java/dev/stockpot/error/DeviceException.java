package dev.stockpot.error;

/** A processor or GPU that cannot be used as it should be, or that failed. */
public final class DeviceException extends StockpotException {
    private static final long serialVersionUID = 2L;

    /** {@code message} is a sentence that names what it is about. */
    public DeviceException(Reason reason, String message) {
        this(reason, message, Details.of());
    }

    /** As above, with what else is known. */
    public DeviceException(Reason reason, String message, Details details) {
        super(reason, message, details);
    }
}
