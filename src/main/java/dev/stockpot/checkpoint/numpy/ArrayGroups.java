package dev.stockpot.checkpoint.numpy;

import dev.stockpot.checkpoint.file.Contents.Choice;
import dev.stockpot.error.CheckpointException;
import dev.stockpot.error.Details;
import dev.stockpot.error.Reason;
import dev.stockpot.text.Figures;
import dev.stockpot.text.Printable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which arrays of an archive are weights, by what is before the first slash of their names. Code of JAX keeps an optimizer's
 * state beside the weights, {@code opt/...} beside {@code params/...}, and older code of Flax both in the optimizer: {@code
 * opt/target/...} beside {@code opt/state/...} (big_vision, {@code load_params}).
 *
 * @param names the arrays to read, in order; they keep their whole names
 * @param choices the groups; empty if there is no choice between them
 * @param notes what was left out, in words
 */
record ArrayGroups(Set<String> names, List<Choice> choices, List<String> notes) {
    private static final String WEIGHTS = "params";
    private static final String OLD_WEIGHTS = "opt/target";
    private static final Set<String> OPTIMIZERS = Set.of("opt", "opt_state", "opt_states", "optimizer");
    /** Groups that are listed at most. */
    private static final int MOST = 64;

    /**
     * Chooses among {@code names}.
     *
     * @param keys of the groups to read, or of groups inside them, or a dot for all; none to leave optimizers out
     * @throws CheckpointException if there are no arrays below a key
     */
    static ArrayGroups of(Path file, Set<String> names, List<String> keys) {
        Map<String, Integer> groups = new LinkedHashMap<>();
        String weights = names.stream().anyMatch(name -> isIn(name, WEIGHTS))
                ? WEIGHTS
                : names.stream().anyMatch(name -> isIn(name, OLD_WEIGHTS)) ? OLD_WEIGHTS : "";
        for (String name : names) {
            String group = isIn(name, weights) ? weights : first(name);
            if (!group.isEmpty() && (groups.size() < MOST || groups.containsKey(group))) {
                groups.merge(group, 1, Integer::sum);
            }
        }
        Set<String> read = new LinkedHashSet<>();
        for (String name : names) {
            String group = isIn(name, weights) ? weights : first(name);
            boolean usual = weights.isEmpty() || group.equals(weights) || !OPTIMIZERS.contains(group);
            if (keys.isEmpty() ? usual : keys.stream().anyMatch(key -> isBelow(name, key))) {
                read.add(name);
            }
        }
        for (String key : keys) {
            if (names.stream().noneMatch(name -> isBelow(name, key))) {
                throw new CheckpointException(
                        Reason.NO_SUCH_KEY,
                        file,
                        "has no arrays below " + Printable.name(key) + "/",
                        Details.of().choices(List.copyOf(groups.keySet())));
            }
        }
        if (groups.size() < 2 && keys.isEmpty()) {
            return new ArrayGroups(read, List.of(), List.of());
        }
        List<Choice> choices = new ArrayList<>();
        List<String> notes = new ArrayList<>();
        groups.forEach((group, arrays) -> {
            boolean chosen = read.stream().anyMatch(name -> isIn(name, group));
            choices.add(new Choice(group, arrays, chosen));
            if (!chosen) {
                notes.add(Printable.name(group) + " (" + Figures.count(arrays, "array") + ") is not read"
                        + (OPTIMIZERS.contains(group) ? ": it is an optimizer's state" : ""));
            }
        });
        return new ArrayGroups(read, choices, notes);
    }

    private static boolean isBelow(String name, String key) {
        return key.isEmpty() || key.equals(".") || isIn(name, key) || name.equals(key);
    }

    private static boolean isIn(String name, String group) {
        return !group.isEmpty() && name.startsWith(group) && name.startsWith("/", group.length());
    }

    private static String first(String name) {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }
}
