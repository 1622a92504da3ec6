package dev.stockpot.evaluate.command;

import java.util.BitSet;
import java.util.Map;

/**
 * Numbers from 0 for processes that run side by side: each gets the lowest one that is free, in its environment, so that each
 * can have a GPU of its own. Thread-safe.
 */
public final class JobNumbers {
    private static final String VARIABLE = "STOCKPOT_JOB";

    private final BitSet taken = new BitSet();

    /** Takes a number, and puts it into the environment of a process to be started. */
    public synchronized int take(Map<String, String> environment) {
        int number = taken.nextClearBit(0);
        taken.set(number);
        environment.put(VARIABLE, Integer.toString(number));
        return number;
    }

    /** Gives a number back, once its process has ended. */
    public synchronized void giveBack(int number) {
        taken.clear(number);
    }
}
