package dev.stockpot.checkpoint.file;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The names that a file's weights get. */
public final class WeightNames {
    private WeightNames() {}

    /** The name that each weight gets, by its own; an AveragedModel's counter beside its prefix is no weight. */
    public static Map<String, String> of(Set<String> weights, String prefix, UnaryOperator<String> rename) {
        boolean counted = AveragedModel.has(weights, prefix);
        Map<String, String> names = new LinkedHashMap<>();
        for (String name : weights) {
            if (!(counted && name.equals(AveragedModel.COUNTER))) {
                boolean strips = name.startsWith(prefix) && name.length() > prefix.length();
                names.put(name, rename.apply(strips ? name.substring(prefix.length()) : name));
            }
        }
        return names;
    }

    /**
     * The prefix without which a file's names are {@code others}; empty if there is none.
     *
     * @param weights the file's names
     * @param others the names of an output's tensors
     */
    public static Optional<String> prefix(Set<String> weights, Set<String> others) {
        Set<String> own = new HashSet<>(weights);
        if (!others.contains(AveragedModel.COUNTER) && AveragedModel.has(own, AveragedModel.MODULE)) {
            own.remove(AveragedModel.COUNTER);
        }
        if (own.size() != others.size() || others.isEmpty() || own.equals(others)) {
            return Optional.empty();
        }
        // A prefix changes no order.
        String mine = Collections.min(own);
        String plain = Collections.min(others);
        String prefix = mine.endsWith(plain) ? mine.substring(0, mine.length() - plain.length()) : "";
        boolean all = others.stream().allMatch(name -> weights.contains(prefix + name));
        // Names inside others end in a dot, or in the slash of JAX.
        return all && (prefix.endsWith(".") || prefix.endsWith("/")) ? Optional.of(prefix) : Optional.empty();
    }
}
