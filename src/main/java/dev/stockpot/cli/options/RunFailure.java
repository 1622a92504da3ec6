package dev.stockpot.cli.options;

import java.util.function.Supplier;

/** A failure that is the command line's own, not the library's; the user sees it as one line. */
public final class RunFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RunFailure(String message) {
        super(message);
    }

    /** Returns what {@code value} supplies; reports an IllegalArgumentException as a wrong value on the command line. */
    public static <T> T unless(Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new RunFailure(e.getMessage());
        }
    }
}
