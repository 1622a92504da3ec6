package dev.stockpot.error;

/** A processor or GPU that cannot be used as requested, or that failed. */
public final class DeviceException extends StockpotException {
    private static final long serialVersionUID = 2L;

    /** {@code message} is a sentence that names its subject. */
    public DeviceException(Reason reason, String message) {
        this(reason, message, Details.of());
    }

    /** As above, with details. */
    public DeviceException(Reason reason, String message, Details details) {
        super(reason, message, details);
    }
}
