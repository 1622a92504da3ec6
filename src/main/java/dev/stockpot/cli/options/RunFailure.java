package dev.stockpot.cli.options;

import java.util.function.Supplier;

/** A run that cannot go on for a reason of the command line's own, told to the user in one line. */
public final class RunFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RunFailure(String message) {
        super(message);
    }

    /** What {@code value} gives; where a value that was typed is wrong, that is told as such. */
    public static <T> T unless(Supplier<T> value) {
        try {
            return value.get();
        } catch (IllegalArgumentException e) {
            throw new RunFailure(e.getMessage());
        }
    }
}
