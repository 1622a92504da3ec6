package dev.stockpot.text;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The word that was probably meant by one that is not known. */
public final class Nearest {
    /** A longer word is not compared letter by letter: it may come from a file or a process. */
    private static final int LONGEST = 200;

    private Nearest() {}

    /**
     * The one of {@code known} with the fewest slips: letters missing, added, wrong or swapped, at most one in three. If there
     * is none, the shortest that begins with the word. Case does not count, nor do dashes at the start.
     */
    public static Optional<String> to(String word, Collection<String> known) {
        String typed = plain(word);
        String best = null;
        int fewest = Math.min(3, typed.length() / 3) + 1;
        String longer = null;
        for (String candidate : known) {
            String other = plain(candidate);
            int slips = Math.max(typed.length(), other.length()) > LONGEST ? LONGEST : slips(typed, other);
            if (slips < fewest) {
                fewest = slips;
                best = candidate;
            }
            boolean begins = typed.length() > 1 && other.startsWith(typed);
            if (begins && (longer == null || candidate.length() < longer.length())) {
                longer = candidate;
            }
        }
        return Optional.ofNullable(best == null ? longer : best);
    }

    private static String plain(String word) {
        int start = 0;
        while (start < word.length() && word.charAt(start) == '-') {
            start++;
        }
        return word.substring(start).toLowerCase(Locale.ROOT);
    }

    /** The optimal string alignment distance: a pair of swapped letters is one slip. */
    private static int slips(String a, String b) {
        int[][] slips = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    slips[i][j] = i + j;
                    continue;
                }
                int wrong = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                int least = Math.min(slips[i - 1][j - 1] + wrong, Math.min(slips[i - 1][j], slips[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                slips[i][j] = swapped ? Math.min(least, slips[i - 2][j - 2] + 1) : least;
            }
        }
        return slips[a.length()][b.length()];
    }
}
