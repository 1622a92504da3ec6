package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.soup.options.MatchOptions;
import dev.stockpot.soup.options.MatchReport;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.text.NameList;
import dev.stockpot.text.Nearest;
import dev.stockpot.text.TensorNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** What matching did with tensors that not all ingredients have alike, for programs and for people. */
final class MatchNotes {
    private MatchNotes() {}

    /** The report on {@code tensors}; {@code notes} receives it in words. */
    static MatchReport report(
            Alignment aligned, Map<String, Counterparts> tensors, MatchOptions options, List<String> notes) {
        boolean plain = options.onMissing() == OnMissing.ERROR
                && options.exclude().isEmpty()
                && options.takeFirst().isEmpty()
                && options.commonRows().isEmpty();
        if (plain) {
            return MatchReport.NOTHING;
        }
        int ingredients = aligned.checkpoints().size();
        List<String> kept = new ArrayList<>();
        List<String> takenFirst = new ArrayList<>();
        List<String> rows = new ArrayList<>();
        tensors.forEach((name, counterparts) -> {
            if (counterparts.takesFirst() && Alignment.matches(options.takeFirst(), name)) {
                takenFirst.add(name);
            } else if (counterparts.ingredients().size() < ingredients) {
                kept.add(name);
            } else if (!counterparts.rest().isEmpty()) {
                rows.add(name);
                notes.add(rows(name, counterparts, aligned.checkpoints()));
            }
        });
        Set<String> leftOut =
                options.onMissing() == OnMissing.SKIP ? leftOut(aligned.checkpoints(), tensors) : Set.of();
        note(notes, leftOut, "left out, as some ingredients lack them: ");
        note(notes, kept, "kept though some ingredients lack them, each averaged over the others: ");
        note(notes, aligned.excluded(), "excluded: ");
        unused(options.exclude(), aligned.excluded(), tensors.keySet(), "left out", notes);
        unused(options.takeFirst(), takenFirst, tensors.keySet(), "taken from the first ingredient", notes);
        unused(options.commonRows(), tensors.keySet(), tensors.keySet(), "averaged row by row", notes);
        note(notes, takenFirst, "not averaged, taken from the first ingredient: ");
        return new MatchReport(List.copyOf(leftOut), kept, aligned.excluded(), takenFirst, rows);
    }

    /** Notes on expressions that are of no use. */
    private static void unused(
            List<Pattern> patterns, Collection<String> names, Collection<String> all, String what, List<String> notes) {
        for (Pattern pattern : patterns) {
            if (names.stream().noneMatch(name -> pattern.matcher(name).find())) {
                String word = pattern.pattern().replaceAll("[\\\\^$*+?()\\[\\]{}|]", "");
                notes.add("nothing is " + what + " for '" + pattern + "': no tensor's name matches it"
                        + Nearest.to(word, all)
                                .map(name -> "; the nearest is " + name)
                                .orElse(""));
            }
        }
    }

    /** A note on tensors that are averaged in the first ingredient's shape. */
    static void reshaped(List<String> names, List<String> notes) {
        note(notes, names, "in the first ingredient's shape, from which others differ by sizes of 1: ");
    }

    private static void note(List<String> notes, Collection<String> names, String what) {
        if (!names.isEmpty()) {
            notes.add(what + TensorNames.counted(names));
        }
    }

    private static Set<String> leftOut(List<Checkpoint> checkpoints, Map<String, Counterparts> tensors) {
        Set<String> all = new LinkedHashSet<>();
        checkpoints.forEach(c -> all.addAll(c.tensors().keySet()));
        all.removeAll(tensors.keySet());
        return new TreeSet<>(all);
    }

    private static String rows(String name, Counterparts counterparts, List<Checkpoint> checkpoints) {
        long common = counterparts.first().shape().get(0);
        Counterparts last = counterparts.rest().get(counterparts.rest().size() - 1);
        List<String> longest = last.ingredients().stream()
                .map(k -> checkpoints.get(k).path().toString())
                .toList();
        return "of " + TensorNames.shown(name) + " all ingredients have " + common + " rows; the soup has "
                + counterparts.shape().get(0) + ", as " + NameList.of(longest)
                + ": rows that not all have are averaged over those that do";
    }
}
