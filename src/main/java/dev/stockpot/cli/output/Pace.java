package dev.stockpot.cli.output;

import java.util.Locale;

/** How long evaluations take, and how long those that are left will. */
class Pace {
    /** Nothing is measured in less: the score was known. */
    private static final double KNOWN = 0.001;

    /** Seconds that are not worth telling. */
    private static final double SHORT = 0.1;

    private long last = nanos();
    private double measured;
    private int count;

    /** The time, as of {@link System#nanoTime}. */
    long nanos() {
        return System.nanoTime();
    }

    /**
     * One more has ended.
     *
     * @param left how many are left, at most
     * @return what to say of it: the time since the one before, and how long the others will take; empty for short ones
     */
    String next(int left) {
        long now = nanos();
        double seconds = (now - last) / 1e9;
        last = now;
        if (seconds >= KNOWN) {
            measured += seconds;
            count++;
        }
        if (seconds < SHORT) {
            return "";
        }
        return " (" + text(seconds) + (left > 0 ? "; " + left + " left, about " + text(left * measured / count) : "")
                + ")";
    }

    private static String text(double seconds) {
        if (seconds < 100) {
            return String.format(Locale.ROOT, seconds < 9.95 ? "%.1f s" : "%.0f s", seconds);
        }
        double minutes = seconds / 60;
        return String.format(
                Locale.ROOT, minutes < 100 ? "%.0f min" : "%.1f h", minutes < 100 ? minutes : minutes / 60);
    }
}
