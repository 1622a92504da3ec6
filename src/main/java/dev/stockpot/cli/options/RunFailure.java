package dev.stockpot.cli.options;

/** A failure that is the command line's own, not the library's; the user sees it as one line. */
public final class RunFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean wrongUsage;

    private RunFailure(String message, boolean wrongUsage) {
        super(message);
        this.wrongUsage = wrongUsage;
    }

    /** A run that failed. */
    public RunFailure(String message) {
        this(message, false);
    }

    /** An option's value that makes no sense, whatever the files. */
    public static RunFailure wrongValue(String message) {
        return new RunFailure(message, true);
    }

    /** Whether the command line is to blame, not the run. */
    public boolean isWrongUsage() {
        return wrongUsage;
    }

    /** Sets an option's value; what the library finds wrong with it is reported with the option's name. */
    public static void check(String option, Runnable set) {
        try {
            set.run();
        } catch (IllegalArgumentException e) {
            throw wrongValue(option + ": " + e.getMessage());
        }
    }
}
