package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.OnMissing;
import dev.stockpot.text.NameList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checkpoints that fit together: the tensors of the first, each with its counterparts in the others. The first ingredient
 * is the pattern for order, dtypes, metadata, integer tensors and the files next to the weights.
 */
public record Ingredients(List<Checkpoint> checkpoints, Map<String, Counterparts> tensors) {
    /**
     * Matches tensors by name.
     *
     * @throws SoupException if names differ and {@code onMissing} is {@code ERROR}, or shapes or kinds differ
     */
    public static Ingredients match(List<Checkpoint> checkpoints, OnMissing onMissing) {
        if (checkpoints.isEmpty()) {
            throw new SoupException(Reason.NO_INGREDIENTS, "a soup needs at least one ingredient");
        }
        Matching matching = new Matching(checkpoints);
        Map<String, Counterparts> tensors = new LinkedHashMap<>();
        for (String name : names(checkpoints, onMissing)) {
            tensors.put(name, matching.of(name));
        }
        return new Ingredients(List.copyOf(checkpoints), tensors);
    }

    Checkpoint first() {
        return checkpoints.get(0);
    }

    private static Set<String> names(List<Checkpoint> checkpoints, OnMissing onMissing) {
        Checkpoint first = checkpoints.get(0);
        Set<String> names = first.tensors().keySet();
        for (Checkpoint other : checkpoints.subList(1, checkpoints.size())) {
            if (other.tensors().keySet().equals(first.tensors().keySet())) {
                continue;
            }
            switch (onMissing) {
                case ERROR -> throw namesDiffer(first, other);
                case SKIP -> {
                    names = new LinkedHashSet<>(names);
                    names.retainAll(other.tensors().keySet());
                }
                case KEEP -> {
                    names = new LinkedHashSet<>(names);
                    names.addAll(other.tensors().keySet());
                }
            }
        }
        if (names.isEmpty() && !first.tensors().isEmpty()) {
            throw new SoupException(Reason.NOTHING_IN_COMMON, "the ingredients have no tensor in common");
        }
        return names;
    }

    private static SoupException namesDiffer(Checkpoint first, Checkpoint other) {
        String what =
                NameList.difference(other.tensors().keySet(), first.tensors().keySet());
        return new SoupException(
                Reason.NAMES_DIFFER,
                other.path() + ": " + what + ", compared with " + first.path(),
                Details.of()
                        .file(other.path())
                        .hint(
                                "such tensors can be left out of the soup, or averaged each over the ingredients that have it"));
    }
}
