package dev.stockpot.soup.options;

import java.util.List;

/**
 * What was done with tensors that not all ingredients have alike, by name.
 *
 * @param leftOut as some ingredients lack them
 * @param kept though some ingredients lack them: averaged over the others
 * @param excluded as asked
 * @param takenFromFirst as asked
 * @param commonRows with rows that some ingredients lack
 */
public record MatchReport(
        List<String> leftOut,
        List<String> kept,
        List<String> excluded,
        List<String> takenFromFirst,
        List<String> commonRows) {
    /** All ingredients have the same tensors, and nothing was asked for. */
    public static final MatchReport NOTHING = new MatchReport(List.of(), List.of(), List.of(), List.of(), List.of());

    public MatchReport {
        leftOut = List.copyOf(leftOut);
        kept = List.copyOf(kept);
        excluded = List.copyOf(excluded);
        takenFromFirst = List.copyOf(takenFromFirst);
        commonRows = List.copyOf(commonRows);
    }
}
