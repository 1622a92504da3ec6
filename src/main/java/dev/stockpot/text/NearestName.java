package dev.stockpot.text;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The name that somebody may have meant who typed one that does not exist. */
public final class NearestName {
    /** A longer name is not compared letter by letter: it may come from a file or a process. */
    private static final int LONGEST = 200;

    private NearestName() {}

    /**
     * The name of {@code names} that is most like {@code typed}: one that contains it or that it contains, or one with few
     * other letters.
     */
    public static Optional<String> of(String typed, Collection<String> names) {
        String best = null;
        double least = 0.4;
        for (String name : names) {
            double distance = distance(plain(typed), plain(name));
            if (distance < least) {
                least = distance;
                best = name;
            }
        }
        return Optional.ofNullable(best);
    }

    private static String plain(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[\\s_.,/-]+", "");
    }

    /** From 0 for equal names to 1 for names without anything in common. */
    private static double distance(String a, String b) {
        int longer = Math.max(a.length(), b.length());
        int shorter = Math.min(a.length(), b.length());
        if (shorter < 2 || longer > LONGEST) {
            return a.equals(b) ? 0 : 1;
        }
        double edits = (double) edits(a, b) / longer;
        // Of several that contain it, the shortest: acc is rather accuracy than accuracy_of_the_last_epoch.
        double within = a.contains(b) || b.contains(a) ? 0.3 - 0.3 * shorter / longer : 1;
        return Math.min(edits, within);
    }

    /** Levenshtein's distance. */
    private static int edits(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
