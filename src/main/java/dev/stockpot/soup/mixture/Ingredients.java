package dev.stockpot.soup.mixture;

import dev.stockpot.checkpoint.Checkpoint;
import dev.stockpot.error.SoupException;
import dev.stockpot.soup.options.OnMissing;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Checkpoints that fit together: the tensors of the first, each with its counterparts in the others. The first ingredient
 * is the pattern for order, dtypes, metadata, integer tensors and the files beside the weights.
 */
public record Ingredients(List<Checkpoint> checkpoints, Map<String, Counterparts> tensors) {
    /** How many names an error lists before it only counts. */
    private static final int NAMES_SHOWN = 3;

    /**
     * Matches tensors by name.
     *
     * @throws SoupException where names differ and {@code onMissing} is {@code ERROR}, or shapes or kinds differ
     */
    public static Ingredients match(List<Checkpoint> checkpoints, OnMissing onMissing) {
        if (checkpoints.isEmpty()) {
            throw new SoupException("a soup needs at least one ingredient");
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
            throw new SoupException("the ingredients have no tensor in common");
        }
        return names;
    }

    private static SoupException namesDiffer(Checkpoint first, Checkpoint other) {
        Set<String> missing = new TreeSet<>(first.tensors().keySet());
        missing.removeAll(other.tensors().keySet());
        Set<String> extra = new TreeSet<>(other.tensors().keySet());
        extra.removeAll(first.tensors().keySet());
        String what = List.of(listed("lacks", missing), listed("has in addition", extra)).stream()
                .filter(s -> !s.isEmpty())
                .collect(Collectors.joining(" and "));
        return new SoupException(
                other.path() + ": " + what + ", compared with " + first.path(),
                "--on-missing skip leaves such tensors out of the soup, --on-missing keep averages each over the"
                        + " ingredients that have it");
    }

    private static String listed(String verb, Set<String> names) {
        if (names.isEmpty()) {
            return "";
        }
        String shown = names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "));
        String more = names.size() > NAMES_SHOWN ? ", ..." : "";
        return verb + " " + names.size() + (names.size() == 1 ? " tensor (" : " tensors (") + shown + more + ")";
    }
}
