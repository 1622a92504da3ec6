package dev.stockpot.faults;

import java.util.List;
import java.util.Map;

/**
 * What a scenario comes to if nothing befalls it.
 *
 * @param output the digests of its output
 * @param printed to stdout
 * @param calls on files, in order: the call's name and its file
 * @param milliseconds how long it took
 */
record Expected(int exit, Map<String, String> output, String printed, List<String> calls, long milliseconds) {
    boolean isSameResult(Expected other) {
        return exit == other.exit && output.equals(other.output) && printed.equals(other.printed);
    }
}
