package dev.stockpot.fuzz;

import dev.stockpot.error.StockpotException;

/** What a documented refusal says. */
public final class Refusal {
    /** A message may quote a name from the file, but not all of it over and over. */
    private static final int LONGEST = 1 << 12;

    private Refusal() {}

    /** Checks that a refusal names its reason and its file, in a message that is not out of proportion. */
    public static void check(StockpotException refusal, byte[] input) {
        String message = refusal.getMessage();
        if (refusal.reason() == null || refusal.file().isEmpty() || message.length() > LONGEST + 8L * input.length) {
            throw new AssertionError("refused without file and reason, or at length: " + message, refusal);
        }
    }
}
