package dev.stockpot.cli;

/** A run that cannot go on for a reason of the command line's own, told to the user in one line. */
public final class RunFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public RunFailure(String message) {
        super(message);
    }
}
