package dev.stockpot.checkpoint.torch;

import dev.stockpot.checkpoint.file.AveragedModel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/** The names that a file's weights get. */
final class WeightNames {
    private WeightNames() {}

    /** The name that each weight gets, by its own; an AveragedModel's counter beside its prefix is no weight. */
    static Map<String, String> of(Set<String> weights, String prefix, UnaryOperator<String> rename) {
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
}
