package dev.stockpot.checkpoint.file;

import java.util.Set;

/** The names in the state dict of PyTorch's {@code AveragedModel}: those of a model after a prefix, and a counter. */
public final class AveragedModel {
    /** What counts the models that were averaged; no weight. */
    public static final String COUNTER = "n_averaged";

    /** What the other names begin with. */
    public static final String MODULE = "module.";

    private AveragedModel() {}

    /** Whether {@code names} are such ones, all others of which begin with {@code prefix}. */
    public static boolean has(Set<String> names, String prefix) {
        if (!prefix.startsWith(MODULE) || !names.contains(COUNTER) || names.size() < 2) {
            return false;
        }
        for (String name : names) {
            if (!name.equals(COUNTER) && !name.startsWith(prefix)) {
                return false;
            }
        }
        return true;
    }
}
